use jiff::Timestamp;
use report::{Datum, Unit};

use super::clients;
use crate::stub::{Answer, Call, Stub};

fn datum(target: &str) -> Datum {
    Datum {
        name: "RunSuccess",
        unit: Unit::Count,
        value: 1.0,
        dimensions: vec![("Target", target.to_owned())],
        timestamp: "2026-11-25T10:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

/// A CBOR map with the error's shape and message, each below 256 bytes.
fn cbor_error(status: u16, shape: &str, message: &str) -> Answer {
    let shape = format!("com.amazonaws.cloudwatch#{shape}");
    let mut answer = Answer::cbor_ok();
    answer.status = status;
    answer.body = vec![0xa2];
    for text in ["__type", &shape, "message", message] {
        answer.body.extend([0x78, u8::try_from(text.len()).expect("a short text")]);
        answer.body.extend(text.as_bytes());
    }
    answer
}

/// Refuses a batch with a bad datum as the service does: as a whole.
fn refuse_bad(call: &Call) -> Answer {
    if call.count("bad") > 0 {
        cbor_error(400, "InvalidParameterValueException", "The value NaN is invalid.")
    } else {
        Answer::cbor_ok()
    }
}

#[tokio::test]
async fn all_data_share_one_call_signed_for_the_region() {
    let stub = Stub::start(|_| Answer::cbor_ok()).await.unwrap();
    let report = clients(&stub).await.put_metrics(&[datum("a"), datum("b")]).await;

    assert_eq!((report.sent, report.errors), (2, vec![]));
    let calls = stub.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].operation(), "PutMetricData");
    assert_eq!(calls[0].count("RunSuccess"), 2);
    assert_eq!(calls[0].count("XS2AMonitor"), 1);
    assert!(calls[0].headers["authorization"].contains("/eu-west-1/monitoring/"));
    assert_eq!(calls[0].headers["x-amz-security-token"], "session-token");
}

#[tokio::test]
async fn one_bad_datum_costs_only_itself() {
    let stub = Stub::start(refuse_bad).await.unwrap();
    let mut data: Vec<Datum> = (0..20).map(|n| datum(&format!("good-{n}"))).collect();
    data.insert(13, datum("bad"));
    let report = clients(&stub).await.put_metrics(&data).await;

    assert_eq!(report.sent, 20, "{:?}", report.errors);
    let [error] = report.errors.as_slice() else {
        panic!("{:?}", report.errors);
    };
    let text = error.to_string();
    assert!(text.starts_with("metric data lost: 1, the first is RunSuccess {Target=bad}"), "{text}");
    assert!(text.contains("CloudWatch PutMetricData: InvalidParameterValue"), "{text}");
    assert!(text.contains("The value NaN is invalid."), "{text}");
    let arrived =
        stub.calls().iter().filter(|call| call.count("bad") == 0).map(|call| call.count("good-")).sum::<usize>();
    assert_eq!(arrived, 20, "each good datum arrives once");
}

#[tokio::test]
async fn a_batch_that_is_bad_throughout_is_given_up_after_a_bounded_number_of_calls() {
    let stub = Stub::start(refuse_bad).await.unwrap();
    let report = clients(&stub).await.put_metrics(&vec![datum("bad"); 80]).await;

    assert_eq!(report.sent, 0);
    let [error] = report.errors.as_slice() else {
        panic!("one reason, told once: {:?}", report.errors);
    };
    assert!(error.to_string().starts_with("metric data lost: 80,"), "{error}");
    let calls = stub.calls().len();
    assert!((65..140).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn throttling_is_retried_and_a_missing_permission_is_named() {
    let stub = Stub::start(|call| {
        if call.headers["amz-sdk-request"].contains("attempt=1") {
            return cbor_error(400, "ThrottlingException", "Rate exceeded");
        }
        cbor_error(403, "AccessDenied", "no identity-based policy allows it")
    })
    .await
    .unwrap();
    let report = clients(&stub).await.put_metrics(&[datum("a"), datum("b")]).await;

    assert_eq!(stub.calls().len(), 2, "one retry, no split");
    assert_eq!(report.sent, 0);
    let text = report.errors[0].to_string();
    assert!(text.starts_with("metric data lost: 2,"), "{text}");
    assert!(text.ends_with("allow cloudwatch:PutMetricData to this role"), "{text}");
}

#[tokio::test]
async fn an_aws_that_is_not_there_is_an_error_with_advice() {
    let stub = Stub::start(|_| Answer::cbor_ok()).await.unwrap();
    let clients = clients(&stub).await;
    drop(stub);
    let report = clients.put_metrics(&[datum("a")]).await;
    let text = report.errors[0].to_string();
    assert!(text.contains("not sent") && text.contains("AWS_ENDPOINT_URL"), "{text}");
}
