//! The secrets of a rehearsal. They stand nowhere else, so that whoever finds
//! one of them in an output has found a leak.

/// The token that the simulated banks ask for.
pub(crate) const TOKEN: &str = "rehearsal-token-91d7e4";
/// The password of targets that name a parameter for it.
pub(crate) const PASSWORD: &str = "rehearsal-password-c25f08";
/// The key of channels that name a parameter for one.
pub(crate) const CHANNEL_KEY: &str = "rehearsal-channel-key-4e8b1d";
