//! What a watcher of a run is told.

use model::journey::{Request, Step, StepOutcome};
use runner::{Http, Moment, Progress};

use crate::probe::{OneRequest, run_watched};
use crate::server::{Then, plain};

#[tokio::test]
async fn every_attempt_step_and_request_is_told_in_order_and_then_no_more() {
    let server = plain(Then::Reset).await;
    let mut journey = OneRequest::to(format!("http://{}/", server.address));
    let (progress, mut moments) = Progress::told();
    run_watched(&Http::new(None).unwrap(), &mut journey, progress).await;
    let mut told = Vec::new();
    while let Some(moment) = moments.recv().await {
        told.push(moment);
    }
    let attempt = |number| {
        [
            Moment::AttemptBegan(number),
            Moment::StepBegan(Step::StartSession),
            Moment::RequestBegan(Request::StartSession),
            Moment::StepEnded(Step::StartSession, StepOutcome::Failed),
            Moment::CleanUpBegan,
        ]
    };
    assert_eq!(told, [attempt(1), attempt(2)].concat());
}
