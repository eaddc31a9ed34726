use aws_sdk_ssm::types::ParameterType;
use model::secret::Secret;

use crate::{AwsError, Clients, Operation};

impl Clients {
    /// The decrypted value of an SSM `SecureString`.
    ///
    /// # Errors
    /// When SSM refuses, or the parameter is empty or stored in the clear.
    pub async fn secure_string(&self, name: &str) -> Result<Secret, AwsError> {
        let request = self.ssm.get_parameter().name(name).with_decryption(true);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Err(AwsError::call(Operation::GetParameter, &error)),
        };
        let wrong = |reason| AwsError::Parameter { name: name.to_owned(), reason };
        let parameter = answer.parameter.ok_or_else(|| wrong("is not in the answer"))?;
        if parameter.r#type != Some(ParameterType::SecureString) {
            return Err(wrong("is stored in the clear; store it as a SecureString"));
        }
        Secret::new(parameter.value.unwrap_or_default()).ok_or_else(|| wrong("is empty"))
    }
}
