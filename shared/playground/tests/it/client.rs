//! A small blocking client: plain sockets, and the encryption done by hand.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use playground::{Playground, Settings};
use rsa::{BoxedUint, Pkcs1v15Encrypt, PublicKey};
use serde_json::{Value, json};

/// Nothing here takes this long; it ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn start(settings: Settings) -> Playground {
    Playground::start(settings).await.unwrap()
}

/// A bank with these fault rules.
pub(crate) async fn faulty(rules: &[&str]) -> Playground {
    let faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    start(Settings { faults, ..Settings::default() }).await
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn data(&self) -> Value {
        assert!(self.status < 300, "{self:?} {}", self.json());
        self.json()["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The places that a refusal names.
    pub(crate) fn places(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["error"]["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["location"].as_str().unwrap().to_owned()).collect()
    }
}

/// Sends a request on a connection of its own; `Err` when the bank breaks it off.
pub(crate) fn send(method: &str, url: &str, headers: &[&str], body: &str) -> io::Result<Reply> {
    send_with_patience(PATIENCE, (method, url, headers, body))
}

/// The same for a client that waits no longer than this for the next byte.
pub(crate) fn send_with_patience(
    patience: Duration,
    (method, url, headers, body): (&str, &str, &[&str], &str),
) -> io::Result<Reply> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(patience))?;
    let length = format!("content-length: {}", body.len());
    let own = ["connection: close", if body.is_empty() { "accept: */*" } else { &length }];
    let headers = [headers, &own].concat().join("\r\n");
    let request = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n\r\n{body}");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head, body: bytes[end + 4..].to_vec() })
}

/// One consumer's way through the bank, request by request.
pub(crate) struct Consumer<'a> {
    pub(crate) bank: &'a Playground,
    pub(crate) session: Value,
    pub(crate) flow: Value,
    /// The `data` of the wizard's last answer.
    pub(crate) wizard: Value,
    pub(crate) consent: Value,
    pub(crate) details: Value,
}

/// The id of the checking account, as the form names it.
pub(crate) const CHECKING: &str = "NzRiOWMzOWItNDQxYi00ZGYzLWIyZjItODA5Y2Y1MWFjNzQ0";
pub(crate) const JSON: &str = "content-type: application/json";
pub(crate) const USER: &str = "bias.apis.forms.elements.UsernameElement";
pub(crate) const PASSWORD: &str = "bias.apis.forms.elements.PasswordElement";

impl<'a> Consumer<'a> {
    pub(crate) fn new(bank: &'a Playground) -> Self {
        let none = Value::Null;
        let [session, flow, wizard, consent, details] = [none.clone(), none.clone(), none.clone(), none.clone(), none];
        Self { bank, session, flow, wizard, consent, details }
    }

    /// Calls the API host with the token.
    pub(crate) fn api(&self, method: &str, url: &Value, body: &Value) -> io::Result<Reply> {
        let token = format!("authorization: Token {}", self.bank.token());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, url.as_str().unwrap(), &[&token, JSON], &body)
    }

    pub(crate) fn session_body() -> Value {
        json!({
            "psu": {"ip_address": "192.0.2.1", "user_agent": "test"},
            "consent_scope": {"accounts": {}, "account_details": {}, "balances": {}, "lifetime": 1},
        })
    }

    /// Request `number` with the user `redirect`, the right way.
    pub(crate) fn request(&mut self, number: u8) -> io::Result<Reply> {
        self.request_as(number, "redirect")
    }

    pub(crate) fn request_as(&mut self, number: u8, user: &str) -> io::Result<Reply> {
        let sessions = json!(format!("{}/xs2a/v1/sessions", self.bank.api_base_url()));
        match number {
            1 => self.api("PUT", &sessions, &Self::session_body()),
            2 => self.api("PUT", &self.session["flows"]["account_details"], &json!({})),
            3 => self.step(&json!({"bank_code": "88888888", "country_code": "DE"})),
            4 => self.poll(),
            5 => self.fill(&[("interface", "de_testbank_bias")]),
            6 => self.fill(&[(USER, user), (PASSWORD, "123456")]),
            7 => {
                let redirect = &self.wizard["result"]["redirect"];
                let url = format!("{}&result=success", redirect["url"].as_str().unwrap());
                self.step(&json!({"redirect_id": redirect["id"], "return_url": url}))
            }
            8 => self.fill(&[("account_id", CHECKING)]),
            9 => self.api("POST", &self.session["consent"], &Value::Null),
            10 => self.use_consent("account_details", &self.consent, CHECKING),
            11 => {
                let id = self.details["result"]["account"]["id"].as_str().unwrap();
                self.use_consent("balances", &self.details, id)
            }
            _ => self.api("DELETE", &self.session["self"], &Value::Null),
        }
    }

    /// Requests `first` to `last`, each of which must pass.
    pub(crate) fn pass(&mut self, first: u8, last: u8) {
        for number in first..=last {
            let reply = self.request(number).unwrap();
            let data = reply.data();
            self.keep(number, data);
        }
    }

    pub(crate) fn keep(&mut self, number: u8, data: Value) {
        match number {
            1 => self.session = data,
            2 => self.flow = data,
            3..=8 => self.wizard = data,
            9 => self.consent = data,
            _ => self.details = data,
        }
    }

    /// POSTs plain JSON to the wizard.
    pub(crate) fn step(&self, body: &Value) -> io::Result<Reply> {
        send("POST", &self.next(), &[JSON], &body.to_string())
    }

    /// GETs the wizard.
    pub(crate) fn poll(&self) -> io::Result<Reply> {
        send("GET", &self.next(), &[], "")
    }

    /// Answers the wizard's form.
    pub(crate) fn fill(&self, values: &[(&str, &str)]) -> io::Result<Reply> {
        let data: Vec<_> = values.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let form = &self.wizard["result"]["form"]["form_identifier"];
        self.step(&self.seal(&json!({"form_identifier": form, "data": data})))
    }

    pub(crate) fn seal(&self, answer: &Value) -> Value {
        seal(&self.wizard["result"]["key"], answer)
    }

    /// `next`, or before it the URL in the client token.
    pub(crate) fn next(&self) -> String {
        let next = self.wizard["next"].as_str().map(str::to_owned);
        next.unwrap_or_else(|| payload(&self.flow["client_token"])["auth_url"].as_str().unwrap().to_owned())
    }

    pub(crate) fn use_consent(&self, what: &str, token: &Value, account: &str) -> io::Result<Reply> {
        let body = json!({"consent_token": token["consent_token"], "account_id": account});
        self.api("POST", &self.consent["consents"][what], &body)
    }
}

/// The payload of a JWT.
pub(crate) fn payload(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// `{ct, iv, ek}` for an answer, under a key and an IV that are always the same.
pub(crate) fn seal(key: &Value, answer: &Value) -> Value {
    seal_text(key, &answer.to_string(), &"4b".repeat(32))
}

pub(crate) fn seal_text(key: &Value, text: &str, aes_key: &str) -> Value {
    seal_with(&mut Padding(0), key, text, aes_key)
}

/// The same with an `ek` that starts with a zero byte, which jsbn would not print.
pub(crate) fn seal_short(key: &Value, answer: &Value) -> Value {
    let mut padding = Padding(0);
    loop {
        let mut sealed = seal_with(&mut padding, key, &answer.to_string(), &"4b".repeat(32));
        let ek = STANDARD.decode(sealed["ek"].as_str().unwrap()).unwrap();
        if ek[0] == 0 {
            sealed["ek"] = STANDARD.encode(&ek[1..]).into();
            return sealed;
        }
    }
}

fn seal_with(padding: &mut Padding, key: &Value, text: &str, aes_key: &str) -> Value {
    let key = payload(key);
    let number = |name: &str| {
        let digits = key[name].as_str().unwrap();
        let digits = format!("{}{digits}", "0".repeat(digits.len() % 2));
        BoxedUint::from_be_slice_vartime(&hex(&digits))
    };
    let public = PublicKey::new(number("modulus"), number("exponent")).unwrap();
    let ek = public.encrypt(padding, Pkcs1v15Encrypt, aes_key.as_bytes()).unwrap();
    let iv = [7; 16];
    let ct =
        cbc::Encryptor::<aes::Aes256>::new(&[0x4b; 32].into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    json!({"ct": STANDARD.encode(ct), "iv": "07".repeat(16), "ek": STANDARD.encode(ek)})
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// "Random" padding that is the same in every run, and never zero.
struct Padding(u64);

impl rand_core::TryRng for Padding {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(u64::to_be_bytes).map(|[a, b, c, d, ..]| u32::from_be_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 0x0101_0101_0101_0101)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Padding {}
