//! Tokens that are read without being verified, `client_token` among them.

use envelope::{PublicKey, jwt};
use serde_json::json;

use crate::support::{private_key, token, token_of};

#[test]
fn the_payload_of_a_client_token_is_read() {
    let client_token = token(r#"{"alg":"HS256"}"#, r#"{"auth_url":"https://bank.test/w?a=1"}"#);

    let payload = jwt::payload(&client_token).unwrap();

    assert_eq!(payload, json!({"auth_url": "https://bank.test/w?a=1"}));
}

#[test]
fn padding_may_be_there_or_not() {
    for token in ["e30.eyJhIjoxfQ.", "e30.eyJhIjoxfQ==.", "e30.eyJhIjoxfQ=.c2ln"] {
        assert_eq!(jwt::payload(token).unwrap(), json!({"a": 1}), "{token}");
    }
}

#[test]
fn header_and_signature_do_not_matter_for_a_payload() {
    assert_eq!(jwt::payload("?.eyJhIjoxfQ.?").unwrap(), json!({"a": 1}));
}

#[test]
fn a_wrong_payload_is_named() {
    let cases = [
        ("eyJhIjoxfQ", "a token has 3 parts, this one 1"),
        ("e30..", "the payload of the token is empty"),
        ("e30.a b.", "the payload of the token is not base64url"),
        ("e30.W10.", "the payload of the token is not a JSON object"),
        ("e30.ew.", "the payload of the token is not JSON: EOF while parsing an object at line 1 column 1"),
    ];
    for (token, message) in cases {
        assert_eq!(jwt::payload(token).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_header_without_an_algorithm_is_let_through() {
    let jwt = token_of(&private_key("rsa2048"));
    let (_, rest) = jwt.split_once('.').unwrap();

    assert_eq!(PublicKey::from_jwt(&format!("e30.{rest}")).unwrap().bits(), 2048);
}
