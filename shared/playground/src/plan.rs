//! Which fault is due.

use std::sync::Mutex;

use crate::bank::lock;
use crate::fault::{Aim, FaultRule, Kind};
use crate::journal::RequestKind;

/// The rules, each with the number of times that it has been played.
pub(crate) struct Plan {
    rules: Mutex<Vec<(FaultRule, u32)>>,
}

impl Plan {
    pub(crate) fn new(rules: Vec<FaultRule>) -> Self {
        let plan = Self { rules: Mutex::default() };
        plan.set(rules);
        plan
    }

    /// Other rules from now on; counts start anew.
    pub(crate) fn set(&self, rules: Vec<FaultRule>) {
        *lock(&self.rules) = rules.into_iter().map(|rule| (rule, 0)).collect();
    }

    /// The fault for a request; counts as played.
    pub(crate) fn take(&self, request: RequestKind) -> Option<Kind> {
        self.first(|aim| match aim {
            Aim::All => true,
            Aim::Accept => false,
            Aim::CleanUp => request == RequestKind::CleanUp,
            Aim::Number(number) => request == RequestKind::Number(number) || request == RequestKind::Poll(number),
        })
    }

    /// The fault for a connection that has just been accepted.
    pub(crate) fn take_accept(&self) -> Option<Kind> {
        self.first(|aim| aim == Aim::Accept)
    }

    fn first(&self, matches: impl Fn(Aim) -> bool) -> Option<Kind> {
        let mut rules = lock(&self.rules);
        let (rule, played) = rules
            .iter_mut()
            .find(|(rule, played)| matches(rule.request) && rule.limit.is_none_or(|limit| *played < limit))?;
        *played = played.saturating_add(1);
        Some(rule.kind.clone())
    }
}
