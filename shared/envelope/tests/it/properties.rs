//! What holds for any input.

use std::sync::LazyLock;

use envelope::{PublicKey, jwt, seal};
use proptest::prelude::*;

use crate::support::{FixedRandomness, open, private_key, token, token_of, unbase64};

static PRIVATE: LazyLock<rsa::PrivateKey> = LazyLock::new(|| private_key("rsa2048"));

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_sealed_opens_to_the_same(
        plaintext in prop::collection::vec(any::<u8>(), 1..2000),
        seed in any::<u64>(),
    ) {
        let key = PublicKey::from_jwt(&token_of(&PRIVATE)).unwrap();

        let sealed = seal(&key, &plaintext, &mut FixedRandomness::new(&seed.to_string())).unwrap();

        prop_assert_eq!(open(&PRIVATE, &sealed), plaintext);
    }

    #[test]
    fn no_string_makes_a_decoder_panic(text in any::<String>()) {
        let _ = PublicKey::from_jwt(&text);
        let _ = jwt::payload(&text);
    }

    #[test]
    fn no_token_of_odd_parts_makes_a_decoder_panic(text in "([A-Za-z0-9_=+-]{0,40}\\.){0,4}[^.]{0,4}") {
        let _ = PublicKey::from_jwt(&text);
        let _ = jwt::payload(&text);
    }

    #[test]
    fn a_key_is_refused_or_usable(
        header in json_text(),
        modulus in json_or(r#""[0-9a-fA-F]{500,2100}""#),
        exponent in json_or(r#""0{0,3}[0-9a-fA-F]{1,9}""#),
    ) {
        let payload = format!(r#"{{"modulus":{modulus},"exponent":{exponent}}}"#);
        let jwt = token(&header, &payload);

        prop_assert!(jwt::payload(&jwt).is_ok());
        if let Ok(key) = PublicKey::from_jwt(&jwt) {
            prop_assert!((2048..=8192).contains(&key.bits()));
            let sealed = seal(&key, b"answer", &mut FixedRandomness::new("any key")).unwrap();
            prop_assert_eq!(unbase64(&sealed.ek).len(), key.bits().div_ceil(8));
        }
    }
}

fn json_text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(r#"{"alg":"RS256"}"#.to_owned()),
        1 => Just(r#"{"alg":7}"#.to_owned()),
        1 => Just("[]".to_owned()),
        1 => any::<String>(),
    ]
}

fn json_or(pattern: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        8 => pattern,
        1 => Just("null".to_owned()),
        1 => any::<f64>().prop_filter("JSON has no NaN", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}
