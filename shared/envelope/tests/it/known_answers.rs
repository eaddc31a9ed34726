//! What we seal with fixed randomness, to the letter. OpenSSL and the JavaScript libraries opened
//! these very envelopes when they were stored.

use envelope::{Envelope, PublicKey, SealError, seal};
use serde_json::Value;

use crate::support::{FixedRandomness, open, path, private_key, stored_envelope, text, token_of, unbase64, vectors};

#[test]
fn fixed_randomness_gives_the_envelopes_that_others_have_opened() {
    for (name, vector) in vectors("sealed-by-us") {
        assert_eq!(vector["opened_by"].as_array().map(Vec::len), Some(2), "{name}");

        let sealed = seal_case(&vector);

        assert_eq!(sealed, stored_envelope(&vector), "{name}");
    }
}

#[test]
fn an_envelope_is_three_fields_in_the_encodings_of_the_contract() {
    let key = PublicKey::from_jwt(&token_of(&private_key("rsa2048"))).unwrap();

    let sealed = seal(&key, b"x", &mut FixedRandomness::new("fields")).unwrap();

    let json = serde_json::to_value(&sealed).unwrap();
    let fields: Vec<_> = json.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["ct", "ek", "iv"]);
    assert_eq!(unbase64(&sealed.ct).len(), 16);
    assert_eq!(unbase64(&sealed.ek).len(), 256);
    assert_eq!(sealed.iv.len(), 32);
    assert!(sealed.iv.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
}

#[test]
fn ek_keeps_its_leading_zeros() {
    let private = private_key("rsa2048");
    let key = PublicKey::from_jwt(&token_of(&private)).unwrap();
    let mut rng = FixedRandomness::new("leading zeros");

    let with_zero = (0..1000)
        .map(|_| seal(&key, b"answer", &mut rng).unwrap())
        .inspect(|sealed| assert_eq!(unbase64(&sealed.ek).len(), 256))
        .find(|sealed| unbase64(&sealed.ek)[0] == 0);

    let with_zero = with_zero.expect("a thousand calls to meet a leading zero byte");
    assert_eq!(open(&private, &with_zero), b"answer");
}

#[test]
fn key_and_vector_are_fresh_for_each_call() {
    let private = private_key("rsa2048");
    let key = PublicKey::from_jwt(&token_of(&private)).unwrap();
    let mut rng = FixedRandomness::new("fresh");

    let [one, other] = [(); 2].map(|()| seal(&key, b"same answer", &mut rng).unwrap());

    assert_ne!(one.iv, other.iv);
    assert_ne!(one.ct, other.ct);
    let content_key = |sealed: &Envelope| private.pkcs1v15_decrypt(&unbase64(&sealed.ek)).unwrap();
    assert_ne!(content_key(&one), content_key(&other));
}

#[test]
fn an_empty_answer_is_refused() {
    let key = PublicKey::from_jwt(&token_of(&private_key("rsa2048"))).unwrap();

    let refused = seal(&key, b"", &mut FixedRandomness::new("empty"));

    assert_eq!(refused, Err(SealError::Empty));
    assert_eq!(SealError::Empty.to_string(), "the plaintext is empty");
}

#[test]
fn a_fingerprint_tells_keys_apart_and_stays() {
    let fingerprint = |name| PublicKey::from_jwt(&token_of(&private_key(name))).unwrap().fingerprint();

    assert_eq!(fingerprint("rsa2048"), fingerprint("rsa2048"));
    assert_ne!(fingerprint("rsa2048"), fingerprint("rsa3072"));
    assert_eq!(fingerprint("rsa2048").len(), 16);
}

#[test]
#[ignore = "writes the vectors; make-vectors.sh calls it"]
#[expect(clippy::disallowed_methods, reason = "test vectors are files")]
fn fill_in() {
    for (name, mut vector) in vectors("sealed-by-us") {
        vector["envelope"] = serde_json::to_value(seal_case(&vector)).unwrap();
        let json = serde_json::to_string_pretty(&vector).unwrap();
        std::fs::write(path(&format!("sealed-by-us/{name}.json")), json).unwrap();
    }
}

fn seal_case(vector: &Value) -> Envelope {
    let key = PublicKey::from_jwt(text(vector, "jwt")).unwrap();
    let mut rng = FixedRandomness::new(text(vector, "random_seed"));
    seal(&key, text(vector, "plaintext").as_bytes(), &mut rng).unwrap()
}
