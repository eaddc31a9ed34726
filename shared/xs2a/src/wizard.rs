//! The wizard: asks, polls while it works, and tells why it gave up
//! (Klarna docs, Auth API).

use envelope::{PublicKey, seal};
use model::config::Target;
use model::error::{ErrorType, Failure};
use model::journey::Request;
use model::origin::Role;
use rand_core::CryptoRng;
use runner::{Attempt, Call, Method};
use serde_json::Value;
use url::Url;

use crate::answer;
use crate::field::Field;
use crate::form::{Answers, Form};
use crate::links::follow;
use crate::polls::Polls;
use crate::state::State;

/// The wizard of one flow.
pub(crate) struct Wizard<'t> {
    pub(crate) target: &'t Target,
    /// The header of a target that sends its token here all the same.
    pub(crate) authorization: Option<String>,
    /// Where the wizard begins, and where its state is read.
    pub(crate) auth_url: Url,
    /// The question to the API for the state of the flow, which tells why it ended.
    pub(crate) flow_state: Call,
}

/// One answer of the wizard that is not PROCESSING.
pub(crate) struct Page {
    json: Value,
    pub(crate) state: State,
}

impl Wizard<'_> {
    /// A call to the wizard's host.
    pub(crate) fn call(&self, method: Method, url: Url, template: &'static str) -> Call {
        let call = Call::new(method, url, template).header("user-agent", self.target.psu.user_agent.clone());
        match &self.authorization {
            Some(header) => call.header("authorization", header.clone()),
            None => call,
        }
    }

    /// Sends one of the journey's requests and waits until the wizard has done
    /// its work.
    pub(crate) async fn ask(&self, attempt: &mut Attempt, request: Request, call: Call) -> Result<Page, Failure> {
        let secret_names = call.hidden();
        let mut page = Page::read(&attempt.call(request, call).await?)?;
        let mut polls = Polls::begin();
        while page.state == State::Processing {
            polls.wait(attempt).await?;
            let url = page.next(self.target)?.unwrap_or_else(|| self.auth_url.clone());
            let poll = self.call(Method::Get, url, "{next}").secret_names(secret_names);
            page = Page::read(&attempt.poll(poll).await?)?;
        }
        if page.state == State::Ended {
            return Err(self.why_it_ended(attempt, &page).await);
        }
        Ok(page)
    }

    /// Sends the answer to a form, encrypted.
    pub(crate) async fn submit(
        &self,
        attempt: &mut Attempt,
        request: Request,
        filled: &Filled,
        rng: &mut impl CryptoRng,
    ) -> Result<Page, Failure> {
        let Filled { question: Question { form, key, next }, answers, secret_names } = filled;
        let plaintext = form.plaintext(answers, |value, _| value.clone()).to_string();
        let sealed = seal(key, plaintext.as_bytes(), rng)
            .map_err(|error| Failure::new(ErrorType::Envelope, format!("the form cannot be encrypted: {error}")))?;
        let body = serde_json::to_value(&sealed)
            .map_err(|error| Failure::new(ErrorType::Internal, format!("the envelope is no JSON: {error}")))?;
        let redactor = attempt.redactor();
        let shown = form.plaintext(answers, |value, secret| match value.as_str() {
            Some(text) if secret => redactor.mark("answer", text).into(),
            None if secret => redactor.mark("answer", &value.to_string()).into(),
            _ => value.clone(),
        });
        let call = self
            .call(Method::Post, next.clone(), "{next}")
            .json(&body)
            .form(shown.to_string())
            .secret_names(secret_names);
        let page = self.ask(attempt, request, call).await?;
        refuse_repeat(&page, form)?;
        Ok(page)
    }

    /// The wizard hides most reasons; the flow itself tells them
    /// (Klarna docs, Error handling). What cannot be learned changes nothing.
    async fn why_it_ended(&self, attempt: &mut Attempt, page: &Page) -> Failure {
        let from_wizard = answer::category(&page.json);
        let asked = attempt.poll(self.flow_state.clone()).await.and_then(|answer| answer::read(&answer));
        let from_flow = asked.ok().and_then(|json| answer::category(&json));
        answer::ended(from_flow.or(from_wizard))
    }
}

/// A form of the wizard with the key that came with it and the place to answer.
pub(crate) struct Question {
    form: Form,
    key: PublicKey,
    next: Url,
}

/// A form with our answers to it.
pub(crate) struct Filled {
    question: Question,
    answers: Answers,
    /// Names whose values are secret in the answer that follows.
    secret_names: &'static [&'static str],
}

impl Question {
    /// Answers the form as `answer` says.
    pub(crate) fn fill(
        self,
        secret_names: &'static [&'static str],
        answer: impl FnOnce(&Form) -> Result<Answers, Failure>,
    ) -> Result<Filled, Failure> {
        let answers = answer(&self.form)?;
        Ok(Filled { question: self, answers, secret_names })
    }
}

impl Page {
    fn read(answer: &runner::Answer) -> Result<Self, Failure> {
        let json = answer::read(answer)?;
        let state = State::read(&Field::root(&json).get("data").get("state"))?;
        Ok(Self { json, state })
    }

    /// The page's content.
    pub(crate) fn result(&self) -> Field<'_> {
        self.data().get("result")
    }

    /// The page's form, its key and the place to answer.
    pub(crate) fn question(&self, target: &Target) -> Result<Question, Failure> {
        let result = self.result();
        let form = Form::read(&result.get("form"))?;
        let key = PublicKey::from_jwt(result.get("key").text()?)
            .map_err(|error| Failure::new(ErrorType::Envelope, format!("the form's key cannot be used: {error}")))?;
        Ok(Question { form, key, next: self.required_next(target)? })
    }

    /// The URL for the next call, where the page names one.
    fn next(&self, target: &Target) -> Result<Option<Url>, Failure> {
        self.data().get("next").present().map(|next| follow(target, &next, Role::Auth)).transpose()
    }

    /// The URL for the next call.
    pub(crate) fn required_next(&self, target: &Target) -> Result<Url, Failure> {
        follow(target, &self.data().get("next"), Role::Auth)
    }

    /// The URL for the next call, or where the wizard began.
    pub(crate) fn next_or(&self, target: &Target, auth_url: &Url) -> Result<Url, Failure> {
        Ok(self.next(target)?.unwrap_or_else(|| auth_url.clone()))
    }

    fn data(&self) -> Field<'_> {
        Field::root(&self.json).get("data")
    }
}

fn refuse_repeat(page: &Page, answered: &Form) -> Result<(), Failure> {
    if page.state != State::InputNeeded || page.result().get("form").present().is_none() {
        return Ok(());
    }
    let form = Form::read(&page.result().get("form"))?;
    if !form.repeats(answered) {
        return Ok(());
    }
    let keys = form.rejected_keys();
    let about = if keys.is_empty() { String::new() } else { format!(": it did not accept {}", keys.join(", ")) };
    Err(Failure::new(ErrorType::FormRejected, format!("the API sent the same form again{about}")))
}
