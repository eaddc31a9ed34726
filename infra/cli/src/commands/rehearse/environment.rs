//! What every process of the local cloud gets to see of our environment.

use std::collections::BTreeMap;

use model::config::VARIABLES;

/// Beside the monitor's own variables: AWS's, older ones of ours, the local
/// tools' own.
const PREFIXES: [&str; 6] = ["AWS_", "XS2A_", "KOSMA_", "CARGO_LAMBDA_", "BOTO", "MOTO_"];

/// Dummies, and no profile, machine or proxy that could lead to a real account.
const FIXED: [(&str, &str); 7] = [
    ("AWS_ACCESS_KEY_ID", "testing"),
    ("AWS_SECRET_ACCESS_KEY", "testing"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("NO_PROXY", "127.0.0.1,localhost"),
    ("no_proxy", "127.0.0.1,localhost"),
];

/// The environment without what could lead to a real account, bank or proxy.
pub(crate) fn of_children(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let kept = variables.iter().filter(|(name, _)| !leads_away(name));
    let kept = kept.map(|(name, value)| (name.clone(), value.clone()));
    kept.chain(FIXED.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

fn leads_away(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || VARIABLES.iter().any(|variable| variable.name == name)
        || name.to_ascii_lowercase().ends_with("_proxy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_leads_to_an_account_a_bank_or_a_proxy_is_passed_on() {
        let away = ["AWS_PROFILE", "AWS_REGION", "BOTO_CONFIG", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "XS2A_OLD"];
        let ours = VARIABLES.iter().map(|variable| variable.name);
        let names = ours.chain(away).chain(["PATH", "HOME"]);
        let variables = names.map(|name| (name.to_owned(), "of the developer".to_owned())).collect();
        let passed = of_children(&variables);
        let passed = passed.iter().filter(|(_, value)| *value == "of the developer").map(|(name, _)| name.as_str());
        assert_eq!(passed.collect::<Vec<_>>(), ["HOME", "PATH"]);
    }
}
