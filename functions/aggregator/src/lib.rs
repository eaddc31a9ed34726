//! The aggregator Lambda: takes in what the regions say, decides with
//! `alerting`, keeps the state in one table, and tells people.
//!
//! ```text
//!  SNS: run results, alarms ─┐
//!                            ├─► event ─► decide ─► store ─► outbox ─► send ─► the channels
//!  schedule: tick ───────────┘   parsed   pure,     state and  claimed   one way
//!                                         retried   outbox in  for 30 s  each
//!                                         when      one write
//!                                         overtaken
//! ```
//!
//! A notification is stored together with the state that it follows from, and
//! only then sent; whoever is killed in between loses nothing, for the tick
//! takes up what is waiting. What is not understood is set aside in the table,
//! where nothing is lost and nothing fails again and again.
//!
//! After the sends each run goes into the history, from which a tick makes the
//! overview page every five minutes.
//!
//! [`Aggregator::start`] is the cold start, [`Aggregator::handle`] one
//! invocation. [`Operator`] is for a person at the command line, who writes
//! into the same table.

mod answer;
mod decide;
mod error;
mod event;
mod handler;
mod lambda;
mod operator;
mod outbox;
mod overview;
mod phone;
mod send;
mod start;
mod store;
mod tick;

pub use answer::{Answer, MessageAnswer, NotificationAnswer, Status, TargetAnswer};
pub use error::{HandlerError, StartError};
pub use event::MISSING_RUNS_ALARM;
pub use handler::Invocation;
pub use lambda::serve;
pub use operator::{Operator, OperatorError};
pub use overview::PERIOD as OVERVIEW_PERIOD;
pub use start::Aggregator;
pub use store::{Attempt, StoreError, Trail};
