//! Envelopes that OpenSSL and the JavaScript libraries sealed: the tests' reading of the format,
//! which judges our own envelopes, is the same as theirs.

use envelope::{Envelope, PublicKey};

use crate::support::{open, path, private_key, read, stored_envelope, text, unbase64, vectors};

#[test]
fn envelopes_of_others_open() {
    for (name, vector) in vectors("sealed-by-others") {
        let key = private_key(text(&vector, "key"));

        let opened = open(&key, &stored_envelope(&vector));

        assert_eq!(opened, text(&vector, "plaintext").as_bytes(), "{name}");
    }
}

#[test]
fn the_key_of_a_token_is_the_key_that_they_sealed_with() {
    for (name, vector) in vectors("sealed-by-others") {
        let theirs = text(&vector, "key");

        let key = PublicKey::from_jwt(text(&vector, "jwt")).unwrap();

        // However the token writes it: upper case, leading zeros, base64 padding.
        let plain = PublicKey::from_jwt(&crate::support::token_of(&private_key(theirs))).unwrap();
        assert_eq!(key.fingerprint(), plain.fingerprint(), "{name}");
        assert_eq!(format!("rsa{}", key.bits()), theirs, "{name}");
    }
}

/// jsbn drops the leading zero bytes of `ek`, about once in 200 calls. A bank that serves its
/// clients must put them back; ours are never missing (see `known_answers`).
#[test]
fn a_short_ek_of_jsbn_opens_once_its_zeros_are_back() {
    let vector: serde_json::Value = serde_json::from_str(&read(&path("short-ek.json"))).unwrap();
    let sealed = stored_envelope(&vector);
    let mut ek = unbase64(&sealed.ek);
    assert!(ek.len() < 256, "the vector is of a short ek");

    ek.splice(..0, vec![0; 256 - ek.len()]);

    let sealed = Envelope { ek: base64::Engine::encode(&base64::prelude::BASE64_STANDARD, ek), ..sealed };
    let opened = open(&private_key(text(&vector, "key")), &sealed);
    assert_eq!(opened, text(&vector, "plaintext").as_bytes());
}
