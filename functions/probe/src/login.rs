//! The one rule for what a token or password out of SSM must be.

use model::config::{ConfigError, Target, Token};
use model::secret::Secret;
use xs2a::Login;

/// Why a target has no login although every parameter it names was read. A
/// value is never shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Nothing is left beside line breaks.
    #[error("SSM parameter {0} is empty")]
    Empty(String),
    /// It is no API token.
    #[error("SSM parameter {0} holds white space or characters that cannot stand in a header (not shown)")]
    NotAToken(String),
    /// The configuration has no token for the target.
    #[error(transparent)]
    NoToken(ConfigError),
}

/// The login of a target; `read` is asked for the SSM parameters by name, and
/// not called when the target has none.
///
/// # Errors
/// What `read` answers, or a [`LoginError`].
pub async fn login<E: From<LoginError>>(
    target: &Target,
    read: impl AsyncFn(&str) -> Result<Secret, E>,
) -> Result<Login, E> {
    let token = match target.require_token().map_err(LoginError::NoToken)? {
        Token::Value(token) => token.clone(),
        Token::Parameter(name) => as_token(name, &read(name).await?)?,
    };
    let password = match &target.password_parameter {
        Some(name) => Some(without_line_break(name, &read(name).await?)?),
        None => None,
    };
    Ok(Login { token, password })
}

/// The SSM parameters of a target.
pub(crate) fn parameters(target: &Target) -> impl Iterator<Item = &str> {
    let token = match &target.token {
        Some(Token::Parameter(name)) => Some(name.as_str()),
        Some(Token::Value(_)) | None => None,
    };
    token.into_iter().chain(target.password_parameter.as_deref())
}

/// A token goes into a header: no white space, no control characters.
fn as_token(name: &str, secret: &Secret) -> Result<Secret, LoginError> {
    let token = without_line_break(name, secret)?;
    let plain = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(token) } else { Err(LoginError::NotAToken(name.to_owned())) }
}

/// What is stored from a file often ends in a line break.
fn without_line_break(name: &str, secret: &Secret) -> Result<Secret, LoginError> {
    let text = secret.expose().trim_end_matches(['\r', '\n']);
    Secret::new(text.to_owned()).ok_or_else(|| LoginError::Empty(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use model::config::{Config, Environment};

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned()).unwrap()
    }

    #[test]
    fn a_token_loses_its_last_line_break_and_must_fit_a_header() {
        assert_eq!(as_token("p", &secret("t0ken\r\n")), Ok(secret("t0ken")));
        assert_eq!(as_token("p", &secret("\n")), Err(LoginError::Empty("p".to_owned())));
        for bad in ["two words", "line\nbreak", "ümlaut"] {
            let error = as_token("p", &secret(bad)).unwrap_err();
            assert_eq!(error, LoginError::NotAToken("p".to_owned()), "{bad:?}");
            assert!(!error.to_string().contains(bad), "{error}");
        }
    }

    #[tokio::test]
    async fn a_target_without_a_token_has_no_login_and_nothing_is_read() {
        let text = "[[target]]\nid = \"a\"\npassword_parameter = \"/p\"\n";
        let config = Config::parse(Some(text), &Environment::default()).unwrap();
        let read = async |name: &str| -> Result<Secret, LoginError> { panic!("{name} is read") };
        let error = login(&config.targets[0], read).await.err().unwrap();
        assert_eq!(error, LoginError::NoToken(ConfigError::NoToken("a".parse().unwrap())));
    }

    #[test]
    fn a_password_loses_its_last_line_break_and_nothing_else() {
        assert_eq!(without_line_break("p", &secret(" päss word \r\n")), Ok(secret(" päss word ")));
        assert_eq!(without_line_break("p", &secret("\r\n")), Err(LoginError::Empty("p".to_owned())));
    }
}
