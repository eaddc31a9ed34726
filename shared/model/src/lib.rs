//! The words of the monitor and their JSON.
//!
//! Everything here is pure: text and maps in, values out. Time, randomness,
//! environment and files are arguments (shared/system reads them).

/// Names for the variants of a closed enum: the word in reports, metrics and
/// messages, the same as its JSON.
macro_rules! words {
    ($type:ty { $($variant:ident => $word:literal),* $(,)? }) => {
        impl $type {
            /// The word in reports, metrics and messages.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub mod config;
pub mod error;
pub mod event;
pub mod journey;
pub mod names;
pub mod origin;
pub mod redaction;
pub mod report;
pub mod run_result;
pub mod secret;
mod stored_report;
pub mod text;

pub use stored_report::UnreadableReport;

/// The version of the run report and of the run result; it grows when a reader
/// of the old shape would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;
