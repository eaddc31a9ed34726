//! The aggregator Lambda's executable, `bootstrap` in its package.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match aggregator::serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone too, the exit code is all that is left to say.
            system::stderr_line(&format!("aggregator: {error}")).ok();
            ExitCode::FAILURE
        }
    }
}
