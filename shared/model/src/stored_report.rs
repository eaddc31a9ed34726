//! A run report read back from a file or a bucket.

use serde::Deserialize;

use crate::SCHEMA_VERSION;
use crate::report::RunReport;

/// Why something is not a run report that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableReport {
    /// It is larger than any report.
    #[error("it is larger than {} MiB, which no run report is", Self::LARGEST / 1024 / 1024)]
    TooLarge,
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It ends before the report does.
    #[error("it ends too early (line {line}, column {column}): the file was cut off")]
    Truncated {
        /// The line where it ends.
        line: usize,
        /// The column where it ends.
        column: usize,
    },
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(serde_json::Error),
    /// It is JSON of something else.
    #[error("it is no run report: {0}")]
    NotAReport(serde_json::Error),
    /// It was written by another version of this program.
    #[error("it has schema_version {found}, and this program reads {SCHEMA_VERSION}: use the version that wrote it")]
    OtherSchemaVersion {
        /// The version that stands in it.
        found: u64,
    },
}

impl UnreadableReport {
    /// The largest report that is read, in bytes: more than one with two
    /// attempts, a hundred polls and bodies as long as a report shows them.
    pub const LARGEST: usize = 16 * 1024 * 1024;
}

/// What every version of a report has.
#[derive(Deserialize)]
#[serde(expecting = "an object with schema_version")]
struct AnyVersion {
    schema_version: u64,
}

impl RunReport {
    /// Reads a report as JSON.
    ///
    /// # Errors
    /// When it is cut off, of another `schema_version`, or something else.
    pub fn read(json: &[u8]) -> Result<Self, UnreadableReport> {
        if json.len() > UnreadableReport::LARGEST {
            return Err(UnreadableReport::TooLarge);
        }
        // Some editors put it there (RFC 8259, section 8.1, lets a reader pass over it).
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json).trim_ascii();
        if json.is_empty() {
            return Err(UnreadableReport::Empty);
        }
        if json.starts_with(b"[") {
            // The derived parser would take it for an object without names.
            return Err(UnreadableReport::NotAReport(serde::de::Error::custom("it is a list")));
        }
        let any: AnyVersion = serde_json::from_slice(json).map_err(why)?;
        if any.schema_version != u64::from(SCHEMA_VERSION) {
            return Err(UnreadableReport::OtherSchemaVersion { found: any.schema_version });
        }
        serde_json::from_slice(json).map_err(why)
    }
}

fn why(error: serde_json::Error) -> UnreadableReport {
    match error.classify() {
        serde_json::error::Category::Eof => UnreadableReport::Truncated { line: error.line(), column: error.column() },
        serde_json::error::Category::Data => UnreadableReport::NotAReport(error),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => UnreadableReport::NotJson(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_report_of_this_version_is_refused_with_its_reason() {
        for (json, reason) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("{", "it ends too early (line 1, column 1)"),
            ("null", "it is no run report: invalid type: null, expected an object with schema_version"),
            ("[1, 2]", "it is no run report: it is a list"),
            ("\u{feff}{}", "it is no run report: missing field `schema_version`"),
            ("{\"schema_version\": 1, \"run_id\": \"0", "it ends too early (line 1"),
            ("<html>", "it is no JSON: expected value at line 1 column 1"),
            ("{}", "it is no run report: missing field `schema_version`"),
            ("{\"schema_version\": 1}", "it is no run report: missing field `run_id`"),
            ("{\"schema_version\": 2, \"anything\": []}", "it has schema_version 2, and this program reads 1"),
            ("{\"schema_version\": \"1\"}", "it is no run report: invalid type"),
        ] {
            let error = RunReport::read(json.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{json}: {error}");
        }
        assert!(matches!(RunReport::read(b"\xff\xfe"), Err(UnreadableReport::NotJson(_))));
        let large = vec![b' '; UnreadableReport::LARGEST + 1];
        assert!(matches!(RunReport::read(&large), Err(UnreadableReport::TooLarge)));
    }
}
