//! The machine's own OpenSSL opens what we have just sealed.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

use envelope::{PublicKey, seal};

use crate::support::{FixedRandomness, path, private_key, token_of, unbase64};

#[test]
fn openssl_opens_a_fresh_envelope() {
    if is_missing() {
        println!("openssl is not on the PATH; the stored vectors of `known_answers` stand in");
        return;
    }
    for name in ["rsa2048", "rsa2050", "rsa3072", "rsa4096"] {
        let plaintext = format!("an answer under {name}, with ünïcode");
        let key = PublicKey::from_jwt(&token_of(&private_key(name))).unwrap();

        let sealed = seal(&key, plaintext.as_bytes(), &mut FixedRandomness::new(name)).unwrap();

        let pem = path(&format!("keys/{name}.pem"));
        let pem = pem.to_str().unwrap();
        let padding = "rsa_padding_mode:pkcs1";
        let content_key =
            String::from_utf8(run(&["pkeyutl", "-decrypt", "-inkey", pem, "-pkeyopt", padding], &unbase64(&sealed.ek)))
                .unwrap();
        let opened = run(&["enc", "-d", "-aes-256-cbc", "-K", &content_key, "-iv", &sealed.iv], &unbase64(&sealed.ct));
        assert_eq!(String::from_utf8(opened).unwrap(), plaintext, "{name}");
    }
}

fn is_missing() -> bool {
    let tried = Command::new("openssl").arg("version").output();
    tried.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(input).unwrap();
    let done = openssl.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}
