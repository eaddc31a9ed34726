//! The Lambda runtime around the probe.

use std::collections::BTreeMap;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::{Answer, HandlerError, Invocation, Probe, StartError, log};

/// What the runtime library reads by itself, and panics without (AWS Lambda
/// Developer Guide, Defined runtime environment variables).
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Starts the probe and serves invocations for as long as Lambda sends them.
///
/// # Errors
/// When it does not start, or the runtime API is lost.
pub async fn serve(variables: &BTreeMap<String, String>) -> Result<(), StartError> {
    if let Some(missing) = RUNTIME_VARIABLES.into_iter().find(|name| !variables.contains_key(*name)) {
        return Err(StartError::NotLambda(missing));
    }
    log::tell_panics();
    // On the heap: nested into each other and into the runtime's, the futures
    // of the SDK and of the runs are too deep for the compiler.
    let probe = &Box::pin(Probe::start(variables)).await?;
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
