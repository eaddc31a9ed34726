//! The names that a secret stands under.

/// JSON keys and query parameters whose value is taken out, compared without
/// case. `key` is not one of them: it names form elements too, and a key JWT
/// is found by its form. Account ids stand under `id` beside ids of no
/// consequence; those go as well, their fingerprint still tells them apart.
const SECRET: [&str; 27] = [
    "access_token",
    "account_id",
    "account_number",
    "alias",
    "api_key",
    "aspsp_data",
    "auth_token",
    "authorization",
    "client_secret",
    "client_token",
    "code",
    "consent_token",
    "holder_address",
    "holder_name",
    "hsm",
    "iban",
    "ibans",
    "id",
    "id_token",
    "jwt",
    "otp",
    "owner_name",
    "password",
    "pin",
    "refresh_token",
    "secret",
    "token",
];

/// Headers whose value is taken out.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"];

/// Whether the value under this JSON key or query parameter is taken out.
pub(super) fn is_secret(name: &str, more: &[&str]) -> bool {
    let matches = |secret: &&str| name.eq_ignore_ascii_case(secret);
    // The category of an error stands under `code` and is no secret: see `is_code`.
    SECRET.iter().any(matches) || more.iter().any(matches)
}

/// Whether a value under `code` is an API's error code and not a one-time code.
pub(super) fn is_code(name: &str, value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '.';
    name.eq_ignore_ascii_case("code") && value.chars().all(plain)
}

/// Whether the whole value of this header is taken out.
pub(super) fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}
