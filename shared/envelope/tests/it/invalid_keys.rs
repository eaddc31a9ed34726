//! One file for each way to be wrong, with the exact message.

use envelope::PublicKey;

use crate::support::{text, vectors};

#[test]
fn every_wrong_key_is_refused_with_its_own_message() {
    for (name, vector) in vectors("invalid") {
        let refused = PublicKey::from_jwt(text(&vector, "jwt"));

        let message = refused.map_or_else(|error| error.to_string(), |key| format!("{key:?}"));
        assert_eq!(message, text(&vector, "error"), "{name}: {}", text(&vector, "why"));
    }
}

#[test]
fn a_message_never_repeats_what_the_token_says() {
    let canary = "deadbeefcanary";
    let payload = format!(r#"{{"modulus":"{canary}","exponent":"{canary}"}}"#);
    for jwt in [
        canary.to_owned(),
        format!("{canary}.{canary}.{canary}"),
        crate::support::token(r#"{"alg":"RS256"}"#, &payload),
        crate::support::token(canary, &payload),
    ] {
        let error = PublicKey::from_jwt(&jwt).unwrap_err();

        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}
