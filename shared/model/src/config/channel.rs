//! Who is told, over what.

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::file::key;
use crate::names::ChannelId;
use crate::origin::Origin;

/// PagerDuty Events API v2 (PagerDuty developer docs, Send an alert event).
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// Opsgenie Alert API (Opsgenie docs, Alert API); EU accounts use `api.eu.opsgenie.com`.
const OPSGENIE: &str = "https://api.opsgenie.com/v2/alerts";

/// One way to a person or a tool.
#[expect(clippy::struct_excessive_bools, reason = "independent switches, named as in the file")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id, unique.
    pub id: ChannelId,
    /// The way.
    pub kind: ChannelKind,
    /// Whether failures go there: failure, reminder, `no_data`, `monitor_error`;
    /// to a phone only failure, and `no_data` when nobody looks.
    pub send_failure: bool,
    /// Whether the end of what was told there goes there too; a phone's owner asks for it.
    pub send_recovery: bool,
    /// Whether degraded targets go there; never to a phone.
    pub send_degraded: bool,
    /// Whether certificates that end soon go there; never to a phone.
    pub send_certificate: bool,
}

/// The way to a person or a tool. Secrets stand in SSM, here are their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// An e-mail subscription of the alert topic.
    Email {
        /// Who gets it.
        address: String,
    },
    /// An SMS subscription of the alert topic.
    Sms {
        /// Who gets it, E.164.
        number: String,
    },
    /// An HTTPS subscription of the alert topic.
    Https {
        /// Where SNS posts to.
        url: Url,
    },
    /// A phone call with a spoken text.
    Phone {
        /// Who is called, E.164.
        number: String,
        /// The number, sender id or pool that calls (AWS End User Messaging, `SendVoiceMessage`).
        origination: String,
    },
    /// A Slack incoming webhook.
    Slack {
        /// The parameter with the webhook's URL, which is a secret.
        secret_parameter: String,
    },
    /// A Microsoft Teams workflow that takes webhooks.
    Teams {
        /// The parameter with the workflow's URL, which is a secret.
        secret_parameter: String,
    },
    /// A PagerDuty service with an Events API v2 integration.
    PagerDuty {
        /// Where events are sent.
        url: Url,
        /// The parameter with the routing key.
        secret_parameter: String,
    },
    /// An Opsgenie API integration.
    Opsgenie {
        /// Where alerts are created.
        url: Url,
        /// The parameter with the API key.
        secret_parameter: String,
    },
    /// Any HTTPS endpoint; the body is signed with HMAC.
    Webhook {
        /// Where it is posted to.
        url: Url,
        /// The parameter with the key of the signature.
        secret_parameter: String,
    },
}

impl ChannelKind {
    /// The word in the file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Email { .. } => "email",
            Self::Sms { .. } => "sms",
            Self::Https { .. } => "https",
            Self::Phone { .. } => "phone",
            Self::Slack { .. } => "slack",
            Self::Teams { .. } => "teams",
            Self::PagerDuty { .. } => "pagerduty",
            Self::Opsgenie { .. } => "opsgenie",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// The name of the parameter with its secret, when it has one.
    #[must_use]
    pub const fn secret_parameter(&self) -> Option<&String> {
        match self {
            Self::Slack { secret_parameter }
            | Self::Teams { secret_parameter }
            | Self::PagerDuty { secret_parameter, .. }
            | Self::Opsgenie { secret_parameter, .. }
            | Self::Webhook { secret_parameter, .. } => Some(secret_parameter),
            Self::Email { .. } | Self::Sms { .. } | Self::Https { .. } | Self::Phone { .. } => None,
        }
    }

    /// Where a subscription of the alert topic leads.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Email { address } => Some(address),
            Self::Sms { number } => Some(number),
            Self::Https { url } => Some(url.as_str()),
            _ => None,
        }
    }

    /// Whether it is a subscription of the alert topic.
    #[must_use]
    pub const fn is_subscription(&self) -> bool {
        matches!(self, Self::Email { .. } | Self::Sms { .. } | Self::Https { .. })
    }

    /// Whether it is a tool that keeps incidents of its own, which must be
    /// closed there whatever happens here.
    #[must_use]
    pub const fn keeps_incidents(&self) -> bool {
        matches!(self, Self::PagerDuty { .. } | Self::Opsgenie { .. })
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Email,
    Sms,
    Https,
    Phone,
    Slack,
    Teams,
    PagerDuty,
    Opsgenie,
    Webhook,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelTable {
    id: ChannelId,
    #[serde(rename = "type")]
    kind: Type,
    address: Option<String>,
    number: Option<PhoneNumber>,
    origination: Option<String>,
    url: Option<HookUrl>,
    secret_parameter: Option<String>,
    send_failure: Option<bool>,
    send_recovery: Option<bool>,
    send_degraded: Option<bool>,
    send_certificate: Option<bool>,
}

/// `+` and 7 to 15 digits (ITU-T E.164).
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct PhoneNumber(String);

/// https, or http on loopback; a query is allowed.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct HookUrl(Url);

impl TryFrom<String> for PhoneNumber {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let valid = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(text)) } else { Err(format!("`{text}` is not a phone number such as +31201234567")) }
    }
}

impl TryFrom<String> for HookUrl {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("not an absolute URL ({error})"))?;
        Origin::of(&url).map_err(|error| error.to_string())?;
        Ok(Self(url))
    }
}

impl ChannelTable {
    pub(super) fn finish(mut self) -> Result<Channel, ConfigError> {
        let phone = matches!(self.kind, Type::Phone);
        if phone && [self.send_degraded, self.send_certificate].contains(&Some(true)) {
            return Err(self.wrong("type", "a phone rings for failures and recoveries, what can wait comes in writing"));
        }
        let kind = self.kind()?;
        self.refuse_rest(&kind)?;
        let send_failure = self.send_failure.unwrap_or(true);
        let send_degraded = self.send_degraded.unwrap_or(false);
        let send_certificate = self.send_certificate.unwrap_or(!phone);
        if !(send_failure || send_degraded || send_certificate) {
            return Err(self.wrong("send_failure", "with nothing to send, the channel is of no use; leave it out"));
        }
        let send_recovery = self.send_recovery.unwrap_or(!phone);
        Ok(Channel { kind, send_failure, send_recovery, send_degraded, send_certificate, id: self.id })
    }

    /// Takes what the type needs out of the table.
    fn kind(&mut self) -> Result<ChannelKind, ConfigError> {
        Ok(match self.kind {
            Type::Email => ChannelKind::Email { address: self.address()? },
            Type::Sms => ChannelKind::Sms { number: self.number()? },
            Type::Https => ChannelKind::Https { url: self.url(None)? },
            Type::Phone => ChannelKind::Phone {
                number: self.number()?,
                origination: self.origination.take().ok_or_else(|| self.missing("origination"))?,
            },
            Type::Slack => ChannelKind::Slack { secret_parameter: self.secret()? },
            Type::Teams => ChannelKind::Teams { secret_parameter: self.secret()? },
            Type::PagerDuty => {
                ChannelKind::PagerDuty { url: self.url(Some(PAGERDUTY))?, secret_parameter: self.secret()? }
            }
            Type::Opsgenie => {
                ChannelKind::Opsgenie { url: self.url(Some(OPSGENIE))?, secret_parameter: self.secret()? }
            }
            Type::Webhook => ChannelKind::Webhook { url: self.url(None)?, secret_parameter: self.secret()? },
        })
    }

    fn address(&mut self) -> Result<String, ConfigError> {
        let address = self.address.take().ok_or_else(|| self.missing("address"))?;
        let valid = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        if valid { Ok(address) } else { Err(self.wrong("address", "is not an e-mail address")) }
    }

    fn number(&mut self) -> Result<String, ConfigError> {
        self.number.take().map(|number| number.0).ok_or_else(|| self.missing("number"))
    }

    /// A name, never the secret itself (AWS Systems Manager User Guide, Parameter name constraints).
    fn secret(&mut self) -> Result<String, ConfigError> {
        let name = self.secret_parameter.take().ok_or_else(|| self.missing("secret_parameter"))?;
        let valid = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte));
        if valid && !name.is_empty() {
            return Ok(name);
        }
        Err(self.wrong(
            "secret_parameter",
            "is the name of an SSM parameter, such as /xs2a-monitor/channels/slack (not shown)",
        ))
    }

    fn url(&mut self, default: Option<&str>) -> Result<Url, ConfigError> {
        let given = self.url.take().map(|url| url.0);
        given.or_else(|| default?.parse().ok()).ok_or_else(|| self.missing("url"))
    }

    /// A key that the type does not read would be a wish that nobody hears.
    fn refuse_rest(&self, kind: &ChannelKind) -> Result<(), ConfigError> {
        let rest = [
            ("address", self.address.is_some()),
            ("number", self.number.is_some()),
            ("origination", self.origination.is_some()),
            ("url", self.url.is_some()),
            ("secret_parameter", self.secret_parameter.is_some()),
        ];
        match rest.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(self.wrong(name, &format!("does not belong to type `{}`", kind.name()))),
            None => Ok(()),
        }
    }

    fn missing(&self, name: &str) -> ConfigError {
        self.wrong(name, "is required for this type")
    }

    fn wrong(&self, name: &str, reason: &str) -> ConfigError {
        key(format!("channel `{}`: {name}", self.id), reason)
    }
}
