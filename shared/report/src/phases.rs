//! The phases of an exchange in words.

use model::report::{Milliseconds, Timings};

/// The phases with their names, in the order in which they happen.
pub(crate) const fn phases(timings: &Timings) -> [(&'static str, Option<Milliseconds>); 5] {
    [
        ("DNS", timings.dns_ms),
        ("Connect", timings.connect_ms),
        ("TLS", timings.tls_ms),
        ("First byte", timings.first_byte_ms),
        ("Download", timings.download_ms),
    ]
}
