//! The eight steps, in their order.

use model::config::Target;
use model::error::{ErrorType, Failure};
use model::journey::{Request, Step};
use model::origin::Role;
use model::secret::Secret;
use rand_core::CryptoRng;
use runner::{Attempt, Call, CleanUp, Journey, Method};
use serde_json::{Map, Value, json};
use url::Url;

use crate::answer;
use crate::field::Field;
use crate::learn;
use crate::links::follow;
use crate::money::Balance;
use crate::opened::Opened;
use crate::polls::Polls;
use crate::state::State;
use crate::wizard::{Filled, Page, Wizard};

/// The consent is fetched minutes after it is given; the shortest lifetime, in
/// days, that can be fetched at all (Klarna docs, Consent: 0 cannot).
const CONSENT_LIFETIME_DAYS: u32 = 1;
/// What an option of the account form says of a person's account.
const ACCOUNT_NAMES: &[&str] = &["value", "label", "description", "selected", "prefill_value"];

/// The journey for one target.
pub(crate) struct Xs2a<'a, R> {
    target: &'a Target,
    token: &'a Secret,
    password: &'a str,
    rng: &'a mut R,
}

/// What step 1 brings.
struct Session {
    account_details_flow: Url,
    consent: Url,
}

/// What step 4 brings.
struct Redirect {
    id: String,
    return_url: Url,
    next: Url,
}

/// What step 5 brings.
struct Accounts {
    chosen: String,
    form: Filled,
}

/// What step 7 brings.
struct Consent {
    token: String,
    account_details: Url,
    balances: Url,
}

impl<R: CryptoRng> Journey for Xs2a<'_, R> {
    type Opened = Opened;

    async fn walk(&mut self, attempt: &mut Attempt, opened: &mut Opened) -> Result<(), Failure> {
        let session = attempt.step(Step::StartSession, async |a| self.start_session(a, opened).await).await?;
        let wizard = attempt.step(Step::StartAccountDetailsFlow, async |a| self.start_flow(a, &session).await).await?;
        let interface = attempt.step(Step::SelectTestBank, async |a| self.select_bank(a, &wizard).await).await?;
        let redirect =
            attempt.step(Step::EncryptedResponses, async |a| self.log_in(a, &wizard, &interface).await).await?;
        let accounts =
            attempt.step(Step::CompleteFlow, async |a| self.return_from_bank(a, &wizard, redirect).await).await?;
        attempt.step(Step::SelectAccount, async |a| self.select_account(a, &wizard, &accounts.form).await).await?;
        let consent = attempt.step(Step::GetConsent, async |a| self.get_consent(a, &session).await).await?;
        attempt
            .step(Step::AccountDetailsAndBalance, async |a| self.read_account(a, consent, &accounts.chosen).await)
            .await
    }

    async fn clean_up(&mut self, clean_up: &mut CleanUp<'_>, opened: Opened) -> Result<(), Failure> {
        match opened {
            Opened::Nothing => Ok(()),
            Opened::Unknown => {
                let message = "a session may be open that cannot be closed: the answer did not tell its address";
                Err(Failure::new(ErrorType::Contract, message))
            }
            Opened::Session(url) => {
                let answer = clean_up.call(self.api(Method::Delete, url, "{session.self}")).await?;
                answer::closed(&answer)
            }
        }
    }
}

impl<'a, R: CryptoRng> Xs2a<'a, R> {
    /// The journey for a target; `rng` makes the keys of its envelopes.
    pub(crate) fn new(target: &'a Target, token: &'a Secret, password: &'a str, rng: &'a mut R) -> Self {
        Self { target, token, password, rng }
    }

    /// Step 1, request 1. Least scope: what the journey reads and no more.
    async fn start_session(&self, attempt: &mut Attempt, opened: &mut Opened) -> Result<Session, Failure> {
        let sessions = self.target.api_base_url.join("xs2a/v1/sessions");
        let body = json!({
            "psu": self.psu(),
            "consent_scope": {"account_details": {}, "balances": {}, "lifetime": CONSENT_LIFETIME_DAYS},
        });
        let call = self.api(Method::Put, sessions.clone(), "/xs2a/v1/sessions").json(&body);
        let answer = attempt.call(Request::StartSession, call).await;
        *opened = Opened::after(&answer);
        let (json, _) = answer::read_with_state(&answer?)?;
        let data = Field::root(&json).get("data");
        let (id, itself) = (data.get("session_id"), follow(self.target, &data.get("self"), Role::Api));
        // Known before anything else can fail, so that it is closed in any case.
        match (&itself, session_url(&sessions, id.text().ok())) {
            (Ok(url), _) => *opened = Opened::Session(url.clone()),
            (Err(_), Some(url)) => *opened = Opened::Session(url),
            (Err(_), None) => {}
        }
        id.text()?;
        let itself = itself?;
        let consent = match data.get("consent").present() {
            Some(consent) => follow(self.target, &consent, Role::Api)?,
            // Older answers leave it out; its place is documented.
            None => below(&itself, "consent/get"),
        };
        let account_details_flow = follow(self.target, &data.get("flows").get("account_details"), Role::Api)?;
        Ok(Session { account_details_flow, consent })
    }

    /// Step 2, request 2. No account is named: the consumer chooses one.
    async fn start_flow(&self, attempt: &mut Attempt, session: &Session) -> Result<Wizard<'a>, Failure> {
        let url = session.account_details_flow.clone();
        let call = self.api(Method::Put, url, "{session.flows.account_details}").json(&json!({}));
        let (json, _) = answer::read_with_state(&attempt.call(Request::StartFlow, call).await?)?;
        let data = Field::root(&json).get("data");
        data.get("flow_id").text()?;
        let flow = follow(self.target, &data.get("self"), Role::Api)?;
        data.get("state").text()?;
        let client_token = data.get("client_token");
        attempt.redactor().learn("client_token", client_token.text()?);
        let payload = envelope::jwt::payload(client_token.text()?)
            .map_err(|error| client_token.failure(&format!("cannot be read: {error}")))?;
        let auth_url = follow(self.target, &Field::root(&payload).get("auth_url"), Role::Auth)?;
        Ok(Wizard {
            target: self.target,
            authorization: self.target.auth_token_on_wizard.then(|| self.authorization()),
            auth_url,
            flow_state: self.api(Method::Get, flow, "{flow.self}"),
        })
    }

    /// Step 3, requests 3 and 4; brings the form that asks for the interface.
    async fn select_bank(&self, attempt: &mut Attempt, wizard: &Wizard<'_>) -> Result<Filled, Failure> {
        let bank = json!({"bank_code": self.target.bank_code, "country_code": self.target.country_code});
        let call = wizard.call(Method::Post, wizard.auth_url.clone(), "{auth_url}").json(&bank);
        let page = wizard.ask(attempt, Request::SelectBank, call).await?;
        let next = page.next_or(self.target, &wizard.auth_url)?;
        let call = wizard.call(Method::Get, next, "{next}");
        let page = wizard.ask(attempt, Request::GetFlowConfiguration, call).await?;
        page.question(self.target)?.fill(&[], |form| form.choose(&self.target.interface))
    }

    /// Step 4, requests 5 and 6; brings the redirect to the bank's own page.
    async fn log_in(
        &mut self,
        attempt: &mut Attempt,
        wizard: &Wizard<'_>,
        interface: &Filled,
    ) -> Result<Redirect, Failure> {
        let page = wizard.submit(attempt, Request::ChooseInterface, interface, self.rng).await?;
        let login = page.question(self.target)?.fill(&[], |form| form.log_in(&self.target.user_name, self.password))?;
        let page = wizard.submit(attempt, Request::LogIn, &login, self.rng).await?;
        Redirect::read(self.target, &page)
    }

    /// Step 5, request 7; brings the form with the accounts.
    async fn return_from_bank(
        &self,
        attempt: &mut Attempt,
        wizard: &Wizard<'_>,
        redirect: Redirect,
    ) -> Result<Accounts, Failure> {
        let body = json!({"redirect_id": redirect.id, "return_url": redirect.return_url.as_str()});
        let call = wizard.call(Method::Post, redirect.next, "{next}").json(&body).secret_names(ACCOUNT_NAMES);
        let page = wizard.ask(attempt, Request::CompleteFlow, call).await?;
        if page.state == State::Finished {
            let message = "the flow finished without asking for an account; this journey needs a login with several";
            return Err(Failure::new(ErrorType::Contract, message));
        }
        learn::accounts(attempt, page.result().value());
        let mut chosen = String::new();
        let form = page.question(self.target)?.fill(ACCOUNT_NAMES, |form| {
            let (account, answers) = form.choose_account()?;
            chosen = account;
            Ok(answers)
        })?;
        Ok(Accounts { chosen, form })
    }

    /// Step 6, request 8.
    async fn select_account(
        &mut self,
        attempt: &mut Attempt,
        wizard: &Wizard<'_>,
        form: &Filled,
    ) -> Result<(), Failure> {
        let page = wizard.submit(attempt, Request::SelectAccount, form, self.rng).await?;
        attempt.check(page.state == State::Finished, ErrorType::Contract, "the flow to be FINISHED after the account")
    }

    /// Step 7, request 9.
    async fn get_consent(&self, attempt: &mut Attempt, session: &Session) -> Result<Consent, Failure> {
        let call = self.api(Method::Post, session.consent.clone(), "{session.consent}");
        let json = self.ask(attempt, Request::GetConsent, call, None).await?;
        let data = Field::root(&json).get("data");
        data.get("consent_id").text()?;
        let consents = data.get("consents");
        Ok(Consent {
            token: consent_token(attempt, &data)?,
            account_details: follow(self.target, &consents.get("account_details"), Role::Api)?,
            balances: follow(self.target, &consents.get("balances"), Role::Api)?,
        })
    }

    /// Step 8, requests 10 and 11. Each answer brings the next consent token,
    /// and the account may carry another id than the form's option.
    async fn read_account(&self, attempt: &mut Attempt, consent: Consent, account: &str) -> Result<(), Failure> {
        let call = self.api(Method::Post, consent.account_details, "{consents.account_details}");
        let body = self.consent_body(consent.token, account);
        let json = self.ask(attempt, Request::GetAccountDetails, call, Some(body)).await?;
        let data = Field::root(&json).get("data");
        let details = data.get("result").get("account").object()?;
        learn::account(attempt, details.value());
        let token = consent_token(attempt, &data)?;
        let account = details.get("id").text()?;
        let offered = details.value().pointer("/capabilities/balances/available") != Some(&Value::Bool(false));
        attempt.check(offered, ErrorType::Assertion, "the account to offer its balance")?;
        let call = self.api(Method::Post, consent.balances, "{consents.balances}");
        let json = self.ask(attempt, Request::GetBalance, call, Some(self.consent_body(token, account))).await?;
        let data = Field::root(&json).get("data");
        consent_token(attempt, &data)?;
        self.judge_balance(attempt, &data.get("result").object()?)
    }

    fn judge_balance(&self, attempt: &mut Attempt, result: &Field<'_>) -> Result<(), Failure> {
        let balance = Balance::read(result)?;
        attempt.check(balance.is_in_one_currency(), ErrorType::Assertion, "all amounts in one currency")?;
        if let Some(adds_up) = balance.adds_up() {
            attempt.check(adds_up, ErrorType::Assertion, "available = balance + limit - reserved")?;
        }
        if let Some(least) = self.target.min_available {
            let available = balance.available.ok_or_else(|| result.get("available").failure("is missing"))?;
            let expected = format!("available to be at least min_available ({least})");
            attempt.check(available.minor >= least, ErrorType::Assertion, &expected)?;
        }
        Ok(())
    }

    /// Sends a request of the consent's and repeats it while the API is
    /// processing, with the consent token of the answer before.
    async fn ask(
        &self,
        attempt: &mut Attempt,
        request: Request,
        call: Call,
        mut body: Option<Value>,
    ) -> Result<Value, Failure> {
        let filled = |body: &Option<Value>| body.iter().fold(call.clone(), Call::json);
        let (mut json, mut processing) = answer::read_with_state(&attempt.call(request, filled(&body)).await?)?;
        let mut polls = Polls::begin();
        while processing {
            polls.wait(attempt).await?;
            let renewed = Field::root(&json).get("data").get("consent_token").present();
            if let (Some(body), Some(token)) = (&mut body, renewed) {
                attempt.redactor().learn("consent_token", token.text()?);
                body["consent_token"] = token.value().clone();
            }
            (json, processing) = answer::read_with_state(&attempt.poll(filled(&body)).await?)?;
        }
        Ok(json)
    }

    fn consent_body(&self, consent_token: String, account: &str) -> Value {
        let mut fields = Map::from_iter([
            ("consent_token".to_owned(), Value::String(consent_token)),
            ("account_id".to_owned(), Value::String(account.to_owned())),
        ]);
        if self.target.attended {
            fields.insert("psu".to_owned(), self.psu());
        }
        Value::Object(fields)
    }

    /// A call to the API's host, which wants the token (Klarna docs, Authentication).
    fn api(&self, method: Method, url: Url, template: &'static str) -> Call {
        Call::new(method, url, template)
            .header("user-agent", self.target.psu.user_agent.clone())
            .header("authorization", self.authorization())
    }

    fn authorization(&self) -> String {
        format!("Token {}", self.token.expose())
    }

    fn psu(&self) -> Value {
        let psu = &self.target.psu;
        json!({"ip_address": psu.ip_address.to_string(), "user_agent": psu.user_agent})
    }
}

impl Redirect {
    /// The bank's own page is not visited; the URL that it would lead back to
    /// is made.
    fn read(target: &Target, page: &Page) -> Result<Self, Failure> {
        let redirect = page.result().get("redirect").object()?;
        let url = redirect.get("url");
        let mut return_url = Url::parse(url.text()?).map_err(|_| url.failure("is not an absolute URL"))?;
        return_url.query_pairs_mut().append_pair("result", "success");
        Ok(Self { id: redirect.get("id").text()?.to_owned(), return_url, next: page.required_next(target)? })
    }
}

/// The documented place of a session, for an answer that does not name it.
fn session_url(sessions: &Url, id: Option<&str>) -> Option<Url> {
    let id = id.filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'))?;
    Some(below(sessions, id))
}

fn below(url: &Url, path: &str) -> Url {
    let mut below = url.clone();
    below.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
    below
}

fn consent_token(attempt: &mut Attempt, data: &Field<'_>) -> Result<String, Failure> {
    let token = data.get("consent_token").text()?;
    attempt.redactor().learn("consent_token", token);
    Ok(token.to_owned())
}
