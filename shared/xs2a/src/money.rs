//! Amounts and the balance: whole minor units of one currency
//! (Klarna docs, Accounts: 12345 EUR is 123.45).

use model::error::Failure;

use crate::field::Field;

/// An amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    /// In minor units.
    pub(crate) minor: i64,
    /// Three upper-case letters (ISO 4217).
    pub(crate) currency: String,
}

/// What the balance answer holds; all parts are optional (Klarna docs, Consent, Balances).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    /// `balance` of the answer.
    pub(crate) booked: Option<Amount>,
    pub(crate) available: Option<Amount>,
    pub(crate) limit: Option<Amount>,
    pub(crate) reserved: Option<Amount>,
}

impl Balance {
    pub(crate) fn read(result: &Field<'_>) -> Result<Self, Failure> {
        let part = |name| result.get(name).present().map(|field| amount(&field)).transpose();
        let balance = Self {
            booked: part("balance")?,
            available: part("available")?,
            limit: part("limit")?,
            reserved: part("reserved")?,
        };
        if balance.booked.is_none() && balance.available.is_none() {
            return Err(result.failure("has neither balance nor available"));
        }
        Ok(balance)
    }

    /// Whether all parts are in one currency.
    pub(crate) fn is_in_one_currency(&self) -> bool {
        let mut currencies = self.parts().map(|amount| &amount.currency);
        currencies.next().is_none_or(|first| currencies.all(|other| other == first))
    }

    /// Whether available = balance + limit - reserved; none when a part is missing.
    pub(crate) fn adds_up(&self) -> Option<bool> {
        let minor = |amount: &Option<Amount>| amount.as_ref().map(|amount| i128::from(amount.minor));
        let sum = minor(&self.booked)? + minor(&self.limit)? - minor(&self.reserved)?;
        Some(minor(&self.available)? == sum)
    }

    fn parts(&self) -> impl Iterator<Item = &Amount> {
        [&self.booked, &self.available, &self.limit, &self.reserved].into_iter().flatten()
    }
}

fn amount(field: &Field<'_>) -> Result<Amount, Failure> {
    let currency = field.get("currency");
    let code = currency.text()?;
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(currency.failure("is not a currency code"));
    }
    Ok(Amount { minor: field.get("amount").integer()?, currency: code.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn eur(minor: i64) -> Value {
        json!({"amount": minor, "currency": "EUR"})
    }

    fn read(result: &Value) -> Result<Balance, String> {
        Balance::read(&Field::root(result)).map_err(|failure| failure.message)
    }

    #[test]
    fn the_parts_add_up_where_all_are_there() {
        let all = |available| json!({"balance": eur(100), "limit": eur(50), "reserved": eur(30), "available": eur(available)});
        assert_eq!(read(&all(120)).unwrap().adds_up(), Some(true));
        assert_eq!(read(&all(121)).unwrap().adds_up(), Some(false));
        assert_eq!(read(&json!({"balance": eur(-5)})).unwrap().adds_up(), None);
    }

    #[test]
    fn an_amount_is_whole_minor_units_with_a_currency() {
        for (amount, why) in [
            (json!({"amount": 1.5, "currency": "EUR"}), "not a whole number"),
            (json!({"amount": "1", "currency": "EUR"}), "not a whole number"),
            (json!({"amount": 1}), "is missing"),
            (json!({"amount": 1, "currency": "euro"}), "not a currency code"),
        ] {
            assert!(read(&json!({"balance": amount})).unwrap_err().contains(why));
        }
        assert!(read(&json!({})).unwrap_err().contains("neither balance nor available"));
        let mixed = json!({"balance": eur(1), "limit": {"amount": 1, "currency": "USD"}});
        assert!(!read(&mixed).unwrap().is_in_one_currency());
    }
}
