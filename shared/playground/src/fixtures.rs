//! The test banks, their accounts and the user names that mean something.
//!
//! IBANs and names are those of Klarna's public test bank; none belongs to a person.

use serde_json::{Value, json};

/// Test banks by country and bank code (Klarna docs, Test Banks; `DE 00000` is the one that
/// Checkly's published example chooses).
const BANKS: &[(&str, &str)] = &[
    ("DE", "88888888"),
    ("DE", "00000"),
    ("AT", "00000"),
    ("BE", "999"),
    ("DK", "0000"),
    ("ES", "9999"),
    ("FI", "999"),
    ("FR", "00000"),
    ("GB", "000000"),
    ("IT", "00000"),
    ("NL", "TEST"),
    ("NO", "0000"),
    ("PT", "0000"),
    ("SE", "00000"),
    ("SK", "0000"),
];

/// A bank that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TestBank {
    pub(crate) country: &'static str,
    pub(crate) code: &'static str,
}

/// The bank with this country (either case) and code, or the field that names none.
pub(crate) fn find_bank(country: &str, code: &str) -> Result<TestBank, &'static str> {
    let mut in_country = BANKS.iter().filter(|(name, _)| name.eq_ignore_ascii_case(country)).peekable();
    if in_country.peek().is_none() {
        return Err("country_code");
    }
    in_country.find(|(_, known)| *known == code).map(|(country, code)| TestBank { country, code }).ok_or("bank_code")
}

/// What logging in as a user leads to (Klarna docs, Test Bank PSD2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// Straight on to the accounts.
    Accepted,
    /// As accepted, and every later answer is slow.
    Slow,
    OneTimePassword,
    Redirect,
    /// The bank waits for the consumer's other device.
    Decoupled,
    /// The same form again.
    Invalid,
    /// The flow ends with this error category.
    Fails(&'static str),
}

pub(crate) fn login(user: &str) -> Login {
    match user {
        "redirect" => Login::Redirect,
        "embedded" => Login::OneTimePassword,
        "decoupled" => Login::Decoupled,
        "invalid" => Login::Invalid,
        "slow" => Login::Slow,
        "wrong" => Login::Fails("USER.ACCESS_DENIED.CREDENTIALS"),
        "technical" => Login::Fails("TECHNICAL"),
        "bank-technical" => Login::Fails("BANK"),
        "bank-maintenance" => Login::Fails("MAINTENANCE"),
        "configuration-expected" => Login::Fails("USER.CONFIGURATION"),
        _ => Login::Accepted,
    }
}

/// One fixture account. Amounts are in cents of a euro.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: &'static str,
    pub(crate) alias: &'static str,
    pub(crate) iban: &'static str,
    transfer: &'static str,
    kind: &'static str,
    balance: i64,
    limit: i64,
    reserved: i64,
}

/// The five accounts of the test bank. The last is the restricted one, which only shows its details.
pub(crate) const ACCOUNTS: [Account; 5] = [
    Account {
        id: "NzRiOWMzOWItNDQxYi00ZGYzLWIyZjItODA5Y2Y1MWFjNzQ0",
        alias: "Checking account",
        iban: "DE43000000005686751168",
        transfer: "FULL",
        kind: "DEFAULT",
        balance: 123_400,
        limit: 50_000,
        reserved: 2_550,
    },
    Account {
        id: "YmI5NDAzNGUtMjkxNy00ZjhjLWI1NWMtNzNmZTk5N2VjYjE2",
        alias: "Salary account",
        iban: "DE18000000006636981175",
        transfer: "FULL",
        kind: "DEFAULT",
        balance: 310_000,
        limit: 0,
        reserved: 0,
    },
    Account {
        id: "M2Y1ZDJiOGEtNjBjMy00YjE3LTlkNGUtMWE4ZTVjNzI5MGYz",
        alias: "Overdraft account",
        iban: "DE55000000004896641138",
        transfer: "FULL",
        kind: "DEFAULT",
        balance: -45_010,
        limit: 100_000,
        reserved: 0,
    },
    Account {
        id: "OGM3ZTE0ZDItNWI5Zi00MGE2LThmMzEtZDI2YjA5NGU3YTU4",
        alias: "Saving account",
        iban: "DE28000000008746441159",
        transfer: "REFERENCE",
        kind: "SAVING",
        balance: 1_000_000,
        limit: 0,
        reserved: 0,
    },
    Account {
        id: "ZTkwYTZmN2ItYzE0ZC00MzhlLWE1ZDctNGY2MmI4MTkzY2Uw",
        alias: "Restricted account",
        iban: "DE90000000008116641159",
        transfer: "RESTRICTED",
        kind: "DEFAULT",
        balance: 0,
        limit: 0,
        reserved: 0,
    },
];

impl Account {
    /// The account as the API shows it, under the id that it has at the moment.
    pub(crate) fn describe(&self, id: &str) -> Value {
        let open = self.is_open();
        let can = |available: bool| json!({ "available": available });
        json!({
            "id": id,
            "alias": self.alias,
            "account_number": self.iban.get(12..),
            "iban": self.iban,
            "holder_name": "Max Mustermann",
            "bank_code": "00000000",
            "bic": "TESTDE10XXX",
            "bank_name": "Testbank",
            "transfer_type": self.transfer,
            "account_type": self.kind,
            "capabilities": {
                "accounts": can(true),
                "account_details": can(true),
                "balances": can(open),
                "transactions": can(open),
                "transfer": can(self.transfer == "FULL"),
            },
        })
    }

    /// The result of the balances call: available = balance + limit - reserved. `None` for an
    /// account that does not show it.
    pub(crate) fn balances(&self) -> Option<Value> {
        let euro = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        self.is_open().then(|| {
            json!({
                "balance": euro(self.balance),
                "available": euro(self.balance + self.limit - self.reserved),
                "limit": euro(self.limit),
                "reserved": euro(self.reserved),
            })
        })
    }

    /// Whether the account shows more than its details.
    pub(crate) fn is_open(&self) -> bool {
        self.transfer != "RESTRICTED"
    }
}
