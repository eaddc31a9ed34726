//! The Lambda runtime around the probe.

use std::collections::BTreeMap;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use system::log;

use crate::{Answer, HandlerError, Invocation, Probe, StartError};

/// Starts the probe and serves invocations for as long as Lambda sends them.
///
/// # Errors
/// When it does not start, or the runtime API is lost.
pub async fn serve(variables: &BTreeMap<String, String>) -> Result<(), StartError> {
    if let Some(missing) = system::missing_runtime_variable(variables) {
        return Err(StartError::NotLambda(missing));
    }
    log::tell_panics();
    let probe = &Probe::start(variables)?;
    // On the heap: nested into each other and into the runtime's, the futures
    // of the SDK and of the runs are too deep for the compiler.
    let handler = service_fn(|event: LambdaEvent<Value>| Box::pin(answer(probe, event)));
    lambda_runtime::run(handler).await.map_err(|error| StartError::Runtime(error.to_string()))
}

/// Lambda keeps an error for whoever invoked; the log is for us.
async fn answer(probe: &Probe, event: LambdaEvent<Value>) -> Result<Answer, HandlerError> {
    let (event, context) = event.into_parts();
    let invocation = Invocation {
        id: context.request_id,
        deadline: context.deadline,
        function_name: context.env_config.function_name.clone(),
    };
    let answer = probe.handle(event, &invocation).await;
    if let Err(error) = &answer {
        log::fault(&error.to_string());
    }
    answer
}
