//! The Lambda runtime around the aggregator.

use lambda_runtime::{LambdaEvent, service_fn};
use model::config::VARIABLES;
use serde_json::Value;
use system::log;

use crate::{Aggregator, Answer, HandlerError, Invocation, StartError};

/// Starts the aggregator and serves invocations for as long as Lambda sends them.
///
/// # Errors
/// When it does not start, or the runtime API is lost.
pub async fn serve() -> Result<(), StartError> {
    let ours = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    let variables = system::variables(ours).map_err(StartError::System)?;
    if let Some(name) = system::missing_runtime_variable(&variables) {
        let advice = "this program runs under AWS Lambda or an emulator of it";
        return Err(StartError::Missing { name, advice });
    }
    log::tell_panics();
    // On the heap: nested into each other, the futures of the SDK are too deep for the compiler.
    let aggregator = &Box::pin(Aggregator::start(&variables)).await?;
    let handler = service_fn(|event: LambdaEvent<Value>| Box::pin(answer(aggregator, event)));
    lambda_runtime::run(handler).await.map_err(|error| StartError::Runtime(error.to_string()))
}

/// Lambda keeps an error for whoever invoked; the log is for us.
async fn answer(aggregator: &Aggregator, event: LambdaEvent<Value>) -> Result<Answer, HandlerError> {
    let (event, context) = event.into_parts();
    let invocation = Invocation { id: context.request_id, deadline: context.deadline };
    let answer = aggregator.handle(event, &invocation).await;
    match &answer {
        Ok(answer) => log::line(&answer.log_line()),
        Err(error) => log::fault(&error.to_string()),
    }
    answer
}
