//! The full report as a file, for local use.

use std::path::Path;

use model::report::RunReport;

/// Writes the full report into the folder. Answers what went wrong.
#[must_use]
pub fn write(folder: &str, report: &RunReport) -> Option<String> {
    let path = Path::new(folder).join(report_path(report));
    let json = match serde_json::to_vec_pretty(report) {
        Ok(json) => json,
        Err(error) => return Some(format!("report of {}: {error}", report.target)),
    };
    system::write_file(&path, &json).err().map(|error| error.to_string())
}

/// Target, region, minute and run: `TARGET/REGION/20261125T100000Z-RUN_ID.json`.
/// No part holds a separator or a colon, which some file systems refuse.
fn report_path(report: &RunReport) -> String {
    let region = report.region.as_ref().map_or("local", |region| region.as_str());
    let minute = report.scheduled_at.strftime("%Y%m%dT%H%M%SZ");
    format!("{}/{region}/{minute}-{}.json", report.target, report.run_id)
}
