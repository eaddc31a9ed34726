//! The probe Lambda's executable, `bootstrap` in its package.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let served = match probe::setup::variables() {
        Ok(variables) => probe::serve(&variables).await,
        Err(error) => Err(error),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone too, the exit code is all that is left to say.
            system::stderr_line(&format!("probe: {error}")).ok();
            ExitCode::FAILURE
        }
    }
}
