//! The bank: its settings, its keys and the sessions that are open at it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::answer::Refusal;
use crate::crypto::KeyPool;
use crate::ids::Ids;
use crate::session::Session;
use crate::settings::{Dialect, Settings};

/// More open sessions than this push the oldest out, so that clients that never close theirs
/// cannot fill the memory.
const MAX_SESSIONS: usize = 10_000;

/// Everything that the requests share.
pub(crate) struct Bank {
    pub(crate) dialect: Dialect,
    pub(crate) token: String,
    /// Scheme, host and port of the XS2A and Consent API, without a closing slash.
    pub(crate) api_url: String,
    /// The same for the Auth API.
    pub(crate) auth_url: String,
    pub(crate) processing_polls: u32,
    pub(crate) slow_delay: Duration,
    pub(crate) keys: KeyPool,
    pub(crate) ids: Ids,
    register: Mutex<Register>,
}

/// Which sessions are open, and which flow and consent ids are theirs.
#[derive(Default)]
struct Register {
    sessions: HashMap<String, Entry>,
    /// Session ids, oldest first.
    order: BTreeMap<u64, String>,
    opened: u64,
    owners: HashMap<String, String>,
}

struct Entry {
    session: Arc<Mutex<Session>>,
    place: u64,
    owned: Vec<String>,
}

impl Bank {
    pub(crate) fn new(settings: &Settings, api_url: String, auth_url: String) -> Self {
        Self {
            dialect: settings.dialect,
            token: settings.token.clone(),
            api_url,
            auth_url,
            processing_polls: settings.processing_polls,
            slow_delay: settings.slow_delay,
            keys: KeyPool::new(settings.key_bits),
            ids: Ids::new(),
            register: Mutex::default(),
        }
    }

    pub(crate) fn open(&self, session: Session) {
        let id = session.id.clone();
        let mut register = lock(&self.register);
        if register.sessions.len() >= MAX_SESSIONS
            && let Some((_, oldest)) = register.order.pop_first()
        {
            register.close(&oldest);
        }
        register.opened += 1;
        let place = register.opened;
        register.order.insert(place, id.clone());
        let session = Arc::new(Mutex::new(session));
        register.sessions.insert(id, Entry { session, place, owned: Vec::new() });
    }

    /// Forgets the session with its flows and its consent.
    pub(crate) fn close(&self, id: &str) -> Result<(), Refusal> {
        if lock(&self.register).close(id) { Ok(()) } else { Err(unknown("session_id")) }
    }

    pub(crate) fn session(&self, id: &str) -> Result<Arc<Mutex<Session>>, Refusal> {
        let register = lock(&self.register);
        let entry = register.sessions.get(id).ok_or_else(|| unknown("session_id"))?;
        Ok(Arc::clone(&entry.session))
    }

    /// The session that this flow or consent id belongs to; `place` names it if there is none.
    pub(crate) fn owner(&self, id: &str, place: &str) -> Result<Arc<Mutex<Session>>, Refusal> {
        let owner = lock(&self.register).owners.get(id).cloned();
        self.session(&owner.ok_or_else(|| unknown(place))?).map_err(|_| unknown(place))
    }

    pub(crate) fn own(&self, session: &str, id: &str) {
        let mut register = lock(&self.register);
        if register.owners.contains_key(id) {
            return;
        }
        if let Some(entry) = register.sessions.get_mut(session) {
            entry.owned.push(id.to_owned());
            register.owners.insert(id.to_owned(), session.to_owned());
        }
    }

    pub(crate) fn open_sessions(&self) -> usize {
        lock(&self.register).sessions.len()
    }
}

impl Register {
    fn close(&mut self, id: &str) -> bool {
        let Some(entry) = self.sessions.remove(id) else {
            return false;
        };
        self.order.remove(&entry.place);
        for owned in entry.owned {
            self.owners.remove(&owned);
        }
        true
    }
}

/// Locks, whatever became of a task that held the lock before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unknown(place: &str) -> Refusal {
    Refusal::not_found(place, "is unknown, or its session is closed")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::session::Binding;

    fn open(bank: &Bank, id: &str) {
        let (binding, scope) = (Binding::default(), Value::Null);
        bank.open(Session { id: id.to_owned(), scope, binding, flows: Vec::new(), consent: None });
    }

    #[test]
    fn only_open_sessions_push_the_oldest_out() {
        let bank = Bank::new(&Settings::default(), String::new(), String::new());
        open(&bank, "oldest");
        bank.own("oldest", "its flow");
        for number in 0..MAX_SESSIONS {
            let id = number.to_string();
            open(&bank, &id);
            if number < 2 {
                bank.close(&id).unwrap();
            }
        }
        open(&bank, "last but one");
        assert!(bank.owner("its flow", "").is_ok());

        open(&bank, "last");

        assert_eq!(bank.open_sessions(), MAX_SESSIONS);
        assert!(bank.session("oldest").is_err());
        assert!(bank.owner("its flow", "").is_err());
    }
}
