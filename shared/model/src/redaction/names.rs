//! The names that a secret stands under.

/// JSON keys, query parameters and headers whose value is taken out, compared
/// without case, `_` and `-`. `key` is not one of them: it names form elements
/// too, and a key JWT is found by its form. Account ids stand under `id` beside
/// ids of no consequence; those go as well, their fingerprint still tells them apart.
const SECRET: [&str; 29] = [
    "accesstoken",
    "accountid",
    "accountnumber",
    "alias",
    "apikey",
    "aspspdata",
    "authtoken",
    "authorization",
    "clientsecret",
    "clienttoken",
    "code",
    "consenttoken",
    "cookie",
    "holderaddress",
    "holdername",
    "hsm",
    "iban",
    "ibans",
    "id",
    "idtoken",
    "jwt",
    "otp",
    "ownername",
    "password",
    "pin",
    "proxyauthorization",
    "refreshtoken",
    "secret",
    "token",
];

/// Whether the value under this name is taken out.
pub(super) fn is_secret(name: &str, more: &[&str]) -> bool {
    let name = normal(name);
    SECRET.contains(&name.as_str()) || more.iter().any(|secret| normal(secret) == name)
}

/// Whether the whole value of this header is taken out.
pub(super) fn is_secret_header(name: &str) -> bool {
    let name = normal(name);
    let bare = name.strip_prefix('x').unwrap_or(&name);
    name == "setcookie" || is_secret(&name, &[]) || is_secret(bare, &[])
}

/// Whether a value under `code` is an API's error code and not a one-time code.
pub(super) fn is_code(name: &str, value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '.';
    normal(name) == "code" && value.chars().all(plain)
}

fn normal(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}
