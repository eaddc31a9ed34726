//! The request bodies as the documentation gives them.

use crate::shape::{Field, Shape, optional, required};

/// Klarna docs, Session.
pub(crate) const SESSION: &[Field] = &[
    optional("selected_bank", Shape::Object(BANK)),
    optional("language", Shape::Text),
    optional("allowed_countries", Shape::TextList),
    optional("preselected_country", Shape::Text),
    required("psu", Shape::Object(PSU)),
    optional("aspsp_access", Shape::Word(ASPSP_ACCESS)),
    optional("redirect_return_url", Shape::Url),
    optional("consent_scope", Shape::Object(SCOPE)),
    optional("keys", Shape::Keys),
];

const BANK: &[Field] = &[required("bank_code", Shape::Text), required("country_code", Shape::Text)];

const PSU: &[Field] = &[required("user_agent", Shape::Text), required("ip_address", Shape::Ip)];

/// Upper case on the session page, lower case on the white-label page.
const ASPSP_ACCESS: &[&str] = &[
    "PREFER_PSD2",
    "FORCE_PSD2",
    "PREFER_FALLBACK",
    "FORCE_FALLBACK",
    "prefer_psd2",
    "force_psd2",
    "prefer_fallback",
    "force_fallback",
];

const SCOPE: &[Field] = &[
    optional("accounts", Shape::Object(&[])),
    optional("account_details", Shape::Object(IBANS)),
    optional("balances", Shape::Object(IBANS)),
    optional("transactions", Shape::Object(TRANSACTIONS)),
    optional("transfer", Shape::Object(IBANS)),
    optional("insights_refresh", Shape::Object(&[])),
    optional("lifetime", Shape::Integer),
];

const IBANS: &[Field] = &[optional("ibans", Shape::TextList)];

const TRANSACTIONS: &[Field] = &[
    optional("ibans", Shape::TextList),
    optional("last_days", Shape::Integer),
    optional("from_date", Shape::Text),
    optional("to_date", Shape::Text),
];

/// Klarna docs, Account Details.
pub(crate) const ACCOUNT_DETAILS_FLOW: &[Field] = &[
    optional("iban", Shape::Text),
    optional("account_id", Shape::Text),
    optional("account_number", Shape::Text),
    optional("allowed_accounts", Shape::TextList),
    optional("keys", Shape::Keys),
];

/// The bodies that hold nothing, or the keys of a white-label integration.
pub(crate) const KEYS_ONLY: &[Field] = &[optional("keys", Shape::Keys)];

/// The choice of a bank in the wizard (Klarna docs, Auth API).
pub(crate) const CHOOSE_BANK: &[Field] =
    &[required("bank_code", Shape::Text), required("country_code", Shape::Text), optional("keys", Shape::Keys)];

/// The return from the bank's page (Klarna docs, Auth API).
pub(crate) const REDIRECT_RETURN: &[Field] =
    &[required("redirect_id", Shape::Text), required("return_url", Shape::Url), optional("keys", Shape::Keys)];

/// An encrypted answer to a form (Klarna docs, Auth API, Encryption).
pub(crate) const SEALED: &[Field] =
    &[required("ct", Shape::Text), required("iv", Shape::Text), required("ek", Shape::Text)];

/// What an encrypted answer says once it is open (Klarna docs, Forms, Examples).
pub(crate) const FORM: &[Field] =
    &[required("form_identifier", Shape::Text), required("data", Shape::ObjectList(FORM_DATA))];

const FORM_DATA: &[Field] = &[required("key", Shape::Text), required("value", Shape::TextOrList)];

/// Klarna docs, Consents, Account List.
pub(crate) const CONSENT_ACCOUNTS: &[Field] =
    &[required("consent_token", Shape::Text), optional("psu", Shape::Object(PSU)), optional("keys", Shape::Keys)];

/// Klarna docs, Consents, Account Details and Balances.
pub(crate) const CONSENT_ACCOUNT: &[Field] = &[
    required("consent_token", Shape::Text),
    required("account_id", Shape::Text),
    optional("psu", Shape::Object(PSU)),
    optional("keys", Shape::Keys),
];
