//! The channels' secrets, kept for a while: a fleet that fails sends a hundred
//! notifications at once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws::{AwsError, Clients};
use jiff::{SignedDuration, Timestamp};
use model::secret::Secret;

/// How long a value is used before it is read again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// Values by parameter, with the time of reading.
#[derive(Default)]
pub(super) struct Secrets(RefCell<BTreeMap<String, (Secret, Timestamp)>>);

impl Secrets {
    /// The value of a parameter; the last good one when it cannot be read now.
    ///
    /// # Errors
    /// When it is not known and cannot be read.
    pub(super) async fn get(&self, aws: &Clients, name: &str, now: Timestamp) -> Result<Secret, AwsError> {
        let known = self.0.borrow().get(name).cloned();
        if let Some((secret, read_at)) = &known
            && now.duration_since(*read_at) < FRESH
        {
            return Ok(secret.clone());
        }
        match (aws.secure_string(name).await, known) {
            (Ok(secret), _) => {
                self.0.borrow_mut().insert(name.to_owned(), (secret.clone(), now));
                Ok(secret)
            }
            (Err(_), Some((secret, _))) => Ok(secret),
            (Err(error), None) => Err(error),
        }
    }

    /// The provider does not know it, or not any more: it is read again next time.
    pub(super) fn forget(&self, name: &str) {
        self.0.borrow_mut().remove(name);
    }
}
