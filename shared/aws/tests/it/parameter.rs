use super::clients;
use crate::stub::{Answer, Stub};

const NAME: &str = "/monitor/token";

async fn read(status: u16, body: &'static str) -> (Result<String, String>, Stub) {
    let stub = Stub::start(move |_| Answer::json(status, body)).await.expect("a stub");
    let read = clients(&stub).await.secure_string(NAME).await;
    let read = read.map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string());
    (read, stub)
}

#[tokio::test]
async fn a_secure_string_is_read_decrypted() {
    let (read, stub) =
        read(200, r#"{"Parameter":{"Name":"/monitor/token","Type":"SecureString","Value":"t0ken"}}"#).await;
    assert_eq!(read.as_deref(), Ok("t0ken"));
    let call = &stub.calls()[0];
    assert_eq!(call.operation(), "GetParameter");
    let asked: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(asked, serde_json::json!({"Name": NAME, "WithDecryption": true}));
}

#[tokio::test]
async fn what_is_wrong_with_a_parameter_is_told_without_its_value() {
    for (status, body, why) in [
        (200, r#"{"Parameter":{"Type":"String","Value":"in-the-clear"}}"#, "/monitor/token is stored in the clear"),
        (200, r#"{"Parameter":{"Type":"SecureString","Value":""}}"#, "/monitor/token is empty"),
        (400, r#"{"__type":"ParameterNotFound"}"#, "ParameterNotFound: no reason given; create it as a SecureString"),
        (
            400,
            r#"{"__type":"AccessDeniedException","message":"not authorized"}"#,
            "AccessDeniedException: not authorized; allow ssm:GetParameter, and kms:Decrypt for its key, to this role",
        ),
    ] {
        let error = read(status, body).await.0.unwrap_err();
        assert!(error.contains(why), "{error}");
        assert!(!error.contains("in-the-clear"), "{error}");
    }
}
