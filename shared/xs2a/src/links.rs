//! Which URLs of the bank's answers may be followed.

use model::config::Target;
use model::error::{ErrorType, Failure};
use model::origin::{Origin, Role};
use url::Url;

use crate::field::Field;

/// A URL named by an answer, checked for its role.
///
/// # Errors
/// `contract` when the field holds no absolute URL; `blocked_url` when its
/// origin is not one that the target allows in this role. Where one origin has
/// both roles, the field that named the URL decides.
pub(crate) fn follow(target: &Target, field: &Field<'_>, role: Role) -> Result<Url, Failure> {
    let url = Url::parse(field.text()?).map_err(|_| field.failure("is not an absolute URL"))?;
    let what = match role {
        Role::Api => "an API host",
        Role::Auth => "a wizard host",
    };
    let blocked = |origin: &str| {
        let message =
            format!("the answer's field {} leads to {origin}, which the target does not allow as {what}", field.path());
        Failure::new(ErrorType::BlockedUrl, message)
    };
    match Origin::of(&url) {
        Ok(origin) if target.allows(&origin, role) => Ok(url),
        Ok(origin) => Err(blocked(&origin.to_string())),
        Err(error) => Err(blocked(&format!("a URL that nobody may call ({error})"))),
    }
}
