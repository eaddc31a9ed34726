//! Tokens and passwords out of SSM, kept between invocations.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use aws::{AwsError, Clients};
use jiff::{SignedDuration, Timestamp};
use model::config::Target;
use model::secret::Secret;
use system::log;
use tokio::sync::Mutex;
use xs2a::Login;

use crate::login::{LoginError, login, parameters};

/// How long a value is used before it is read again.
const FRESH: SignedDuration = SignedDuration::from_mins(30);
/// How long a failed read is not repeated: the targets of one invocation that
/// share a parameter also share its failure.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(20);

/// The parameters that were asked for, by name. Reads of one parameter wait for
/// each other, so that a fleet that shares it reads it once.
#[derive(Default)]
pub(crate) struct Secrets(RefCell<BTreeMap<String, Rc<Mutex<Parameter>>>>);

/// Why a target has no login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("cannot read a secret of the target: {0}")]
    Aws(AwsError),
    #[error(transparent)]
    Unusable(#[from] LoginError),
}

impl Secrets {
    /// The login of a target.
    ///
    /// # Errors
    /// When a secret cannot be read and was never read before, or cannot be used.
    pub(crate) async fn login(&self, aws: &Clients, target: &Target) -> Result<Login, SecretError> {
        login(target, async |name| self.read(aws, name).await).await
    }

    /// The API refused this target's login: its parameters are read again
    /// before the next run.
    pub(crate) async fn refused(&self, target: &Target) {
        for name in parameters(target) {
            self.parameter(name).lock().await.refused = true;
        }
    }

    async fn read(&self, aws: &Clients, name: &str) -> Result<Secret, SecretError> {
        let parameter = self.parameter(name);
        let mut parameter = parameter.lock().await;
        let now = system::now();
        if let Some(known) = parameter.known(now) {
            return known;
        }
        let read = aws.secure_string(name).await;
        if let Err(error) = &read {
            log::fault(&error.to_string());
        }
        parameter.take(read, now)
    }

    fn parameter(&self, name: &str) -> Rc<Mutex<Parameter>> {
        Rc::clone(self.0.borrow_mut().entry(name.to_owned()).or_default())
    }
}

#[derive(Default)]
struct Parameter {
    good: Option<(Secret, Timestamp)>,
    failed: Option<(AwsError, Timestamp)>,
    refused: bool,
}

impl Parameter {
    /// The value or the reason that there is none; none when it is time to read.
    fn known(&self, now: Timestamp) -> Option<Result<Secret, SecretError>> {
        let younger = |at: Timestamp, age: SignedDuration| now.duration_since(at) < age;
        let failed = self.failed.as_ref().filter(|(_, at)| younger(*at, RETRY_AFTER));
        match (&self.good, failed) {
            (Some((secret, _)), Some(_)) => Some(Ok(secret.clone())),
            (None, Some((error, _))) => Some(Err(SecretError::Aws(error.clone()))),
            (Some((secret, at)), None) if !self.refused && younger(*at, FRESH) => Some(Ok(secret.clone())),
            _ => None,
        }
    }

    /// Keeps what was read; after a failed read the last good value stays.
    fn take(&mut self, read: Result<Secret, AwsError>, now: Timestamp) -> Result<Secret, SecretError> {
        match (read, &self.good) {
            (Ok(secret), _) => {
                *self = Self { good: Some((secret.clone(), now)), failed: None, refused: false };
                Ok(secret)
            }
            (Err(error), Some((secret, _))) => {
                let last_good = secret.clone();
                self.failed = Some((error, now));
                Ok(last_good)
            }
            (Err(error), None) => {
                self.failed = Some((error.clone(), now));
                Err(SecretError::Aws(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: i64) -> Timestamp {
        START + SignedDuration::from_secs(seconds)
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned()).unwrap()
    }

    fn refusal() -> AwsError {
        AwsError::Parameter { name: "p".to_owned(), reason: "is empty" }
    }

    #[test]
    fn a_value_is_read_at_first_every_30_minutes_and_after_a_refusal() {
        let mut parameter = Parameter::default();
        assert_eq!(parameter.known(START), None);
        parameter.take(Ok(secret("old")), START).unwrap();
        assert_eq!(parameter.known(at(1_799)), Some(Ok(secret("old"))));
        assert_eq!(parameter.known(at(1_800)), None);

        parameter.refused = true;
        assert_eq!(parameter.known(at(60)), None);
        assert_eq!(parameter.take(Ok(secret("new")), at(60)), Ok(secret("new")));
        assert_eq!(parameter.known(at(61)), Some(Ok(secret("new"))));
    }

    #[test]
    fn a_failed_read_keeps_the_last_good_value_and_is_tried_again_next_minute() {
        let mut parameter = Parameter::default();
        parameter.take(Ok(secret("good")), START).unwrap();
        assert_eq!(parameter.take(Err(refusal()), at(1_800)), Ok(secret("good")));
        assert_eq!(parameter.known(at(1_801)), Some(Ok(secret("good"))));
        assert_eq!(parameter.known(at(1_860)), None);
    }

    #[test]
    fn a_failure_without_any_value_is_shared_by_one_invocation_only() {
        let mut parameter = Parameter::default();
        let failure = Err(SecretError::Aws(refusal()));
        assert_eq!(parameter.take(Err(refusal()), START), failure);
        assert_eq!(parameter.known(at(5)), Some(failure));
        assert_eq!(parameter.known(at(60)), None);
    }
}
