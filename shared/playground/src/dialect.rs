//! Every habit of the article's client that the bank tolerates, and why.
//!
//! The client is the Playwright script of "Monitoring Open Banking APIs" on Checkly's blog. Each
//! method is one habit; there is no other place where the dialects differ.

use crate::settings::Dialect;

impl Dialect {
    /// Fields that begin with an underscore are skipped: the client switches a field off by
    /// renaming it (`_selected_bank`, `_aspsp_access`, `_redirect_return_url`).
    pub(crate) fn skips_underscored_fields(self) -> bool {
        self == Self::Article
    }

    /// `keys` may hold anything: the client sends `"--- xxx ---"` or empty text, though the field
    /// is for white-label integrations only.
    pub(crate) fn takes_placeholder_keys(self) -> bool {
        self == Self::Article
    }

    /// An empty text counts as absent: the client sends `account_id: ""` and `iban: ""`.
    pub(crate) fn takes_empty_for_absent(self) -> bool {
        self == Self::Article
    }

    /// The Auth host serves sessions and flows too: the client starts both there.
    pub(crate) fn serves_sessions_on_auth_host(self) -> bool {
        self == Self::Article
    }

    /// The wizard answers under `/branded/xs2a/v1/wizard/{flow_id}`: the client builds that URL
    /// itself and never decodes `client_token`, nor follows the `next` of its redirect answer.
    pub(crate) fn takes_hand_built_wizard_urls(self) -> bool {
        self == Self::Article
    }

    /// Any `Authorization` at the wizard is ignored: the client sends its token to a host that
    /// wants none, and `Token undefined` with the last form. The strict bank refuses a wrong token
    /// there; none at all, or the right one, is fine in both dialects.
    pub(crate) fn ignores_token_at_wizard(self) -> bool {
        self == Self::Article
    }

    /// A short `ek` is padded with zero bytes on the left: the client's RSA library (jsbn) prints
    /// the number without its leading zeros.
    pub(crate) fn pads_short_encrypted_key(self) -> bool {
        self == Self::Article
    }

    /// The account choice is the form's first element and its first option can be used: the client
    /// reads `form.elements[0].options[0]` and knows neither nesting nor `disabled`.
    pub(crate) fn puts_a_usable_account_first(self) -> bool {
        self == Self::Article
    }

    /// The return URL of the redirect need not belong to it: the client glues `&result=success`
    /// to the redirect's own URL.
    pub(crate) fn takes_any_return_url(self) -> bool {
        self == Self::Article
    }
}
