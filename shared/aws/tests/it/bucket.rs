use std::time::Duration;

use aws::{Bucket, Clients, If, Object, Put, Settings};

use super::{clients, clients_at};
use crate::stub::{Answer, Call, NO_ANSWER, Stub};

const KEY: &str = "reports/a-bank/eu-west-1/20261125T100000Z.html";
const PAGE: Object<'static> =
    Object { content_type: "text/html; charset=utf-8", cache_control: Some("max-age=60"), body: b"<!doctype html>" };

fn refusal(status: u16, code: &str) -> Answer {
    Answer::xml(status, &format!("<Error><Code>{code}</Code><Message>no {code}</Message><Key>x</Key></Error>"))
}

async fn bucket(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> (Bucket, Stub) {
    let stub = Stub::start(answer).await.expect("a stub");
    (clients(&stub).await.bucket(&"reports-1".parse().expect("a bucket")), stub)
}

#[tokio::test]
async fn an_object_is_written_signed_under_its_condition() {
    let (bucket, stub) = bucket(|_| Answer::xml(200, "")).await;
    for (condition, told) in [(If::First, Some("*")), (If::Any, None)] {
        assert_eq!(bucket.put(KEY, &PAGE, condition).await, Ok(Put::Done));
        let call = stub.calls().pop().unwrap();
        assert_eq!((call.method.as_str(), call.path.as_str()), ("PUT", &*format!("/reports-1/{KEY}")));
        assert_eq!(call.body, PAGE.body);
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        assert_eq!(header("if-none-match"), told);
        assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(header("cache-control"), Some("max-age=60"));
        assert_eq!(header("x-amz-security-token"), Some("session-token"));
        let hash = "fe26c59e91ac8de694b2531dc3bdc1b7faf471d3d7e4e00870af60f5f22897cb";
        assert_eq!(header("x-amz-content-sha256"), Some(hash), "as sha256sum has it");
        let signed = header("authorization").unwrap();
        assert!(signed.contains("Credential=testing/") && signed.contains("/eu-west-1/s3/aws4_request"), "{signed}");
        let names =
            told.map_or("cache-control;content-type;host;", |_| "cache-control;content-type;host;if-none-match;");
        let names = format!("SignedHeaders={names}x-amz-content-sha256;x-amz-date;x-amz-security-token");
        assert!(signed.contains(&names), "{signed}");
    }
}

#[tokio::test]
async fn what_was_written_first_stays() {
    let (bucket, stub) = bucket(|_| refusal(412, "PreconditionFailed")).await;
    assert_eq!(bucket.put(KEY, &PAGE, If::First).await, Ok(Put::TakenBefore));
    assert_eq!(stub.calls().len(), 1);
}

#[tokio::test]
async fn an_object_is_read_or_is_not_there() {
    let answer = |call: &Call| match call.path.as_str() {
        "/reports-1/latest/a.json" => Answer::json(200, "{}"),
        _ => refusal(404, "NoSuchKey"),
    };
    let (bucket, stub) = bucket(answer).await;
    assert_eq!(bucket.get("latest/a.json").await, Ok(Some(b"{}".to_vec())));
    assert_eq!(bucket.get("latest/b.json").await, Ok(None));
    assert_eq!(stub.calls()[0].method, "GET");
}

#[tokio::test]
async fn an_object_that_is_too_large_is_not_read() {
    let (bucket, stub) = bucket(|_| Answer::json(200, &" ".repeat(2 * 1024 * 1024 + 1))).await;
    let error = bucket.get("latest/a.json").await.unwrap_err().to_string();
    let told = "S3 GetObject: too large: the object takes 2097153 bytes, at most 2097152 are read (s3://reports-1/latest/a.json)";
    assert_eq!(error, told);
    assert_eq!(stub.calls().len(), 1);
}

#[tokio::test]
async fn trouble_that_passes_is_tried_again() {
    for (status, code) in
        [(503, "SlowDown"), (500, "InternalError"), (409, "ConditionalRequestConflict"), (NO_ANSWER, "")]
    {
        let tries = std::sync::atomic::AtomicUsize::new(0);
        let answer = move |_: &Call| match tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => refusal(status, code),
            _ => Answer::xml(200, ""),
        };
        let (bucket, stub) = bucket(answer).await;
        assert_eq!(bucket.put(KEY, &PAGE, If::First).await, Ok(Put::Done), "{status}");
        assert_eq!(stub.calls().len(), 2, "{status}");
        assert_eq!(stub.calls()[1].body, PAGE.body);
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_what_to_do_and_without_credentials() {
    for (status, code, tries, advice) in [
        (403, "AccessDenied", 1, "; allow s3:PutObject to this role"),
        (403, "SignatureDoesNotMatch", 1, "; the AWS credentials are wrong or expired"),
        (404, "NoSuchBucket", 1, "; the bucket must exist in this region; check REPORT_BUCKET"),
        (503, "SlowDown", 4, "; the account's request rate is used up"),
    ] {
        let (bucket, stub) = bucket(move |_| refusal(status, code)).await;
        let error = bucket.put(KEY, &PAGE, If::First).await.unwrap_err();
        assert_eq!(error.to_string(), format!("S3 PutObject: {code}: no {code} (s3://reports-1/{KEY}){advice}"));
        assert_eq!((stub.calls().len(), error.is_denied()), (tries, code == "AccessDenied"), "{code}");
        assert!(!format!("{error:?}").contains("secret-access-key"));
    }
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_object() {
    let (missing, _stub) = bucket(|_| refusal(404, "NoSuchBucket")).await;
    assert!(missing.get("latest/a.json").await.is_err());
    let (odd, _stub) = bucket(|_| Answer::xml(404, "<html>not found</html>")).await;
    let error = odd.get("latest/a.json").await.unwrap_err().to_string();
    assert_eq!(error, "S3 GetObject: HTTP 404: no reason given (s3://reports-1/latest/a.json)");
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_ends_in_time() {
    // Accepts connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
    let bucket = clients_at(url, Duration::from_millis(100)).await.bucket(&"reports-1".parse().unwrap());
    let error = bucket.put(KEY, &PAGE, If::Any).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("S3 PutObject: timeout: no answer in time (s3://reports-1/{KEY})")), "{error}");
}

#[tokio::test]
async fn only_a_reports_key_is_spoken_of() {
    let (bucket, stub) = bucket(|_| Answer::xml(200, "")).await;
    for key in ["", "/a", "a/../b", "a?b", "a b"] {
        let error = bucket.get(key).await.unwrap_err().to_string();
        assert!(error.starts_with("S3 GetObject: not built: "), "{error}");
    }
    assert!(stub.calls().is_empty());
}

#[tokio::test]
async fn a_signed_link_lives_as_long_as_it_says_and_carries_the_session() {
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let link = aws_bucket("eu-west-1").await.signed_link(KEY, now, Duration::from_hours(12)).await.unwrap();
    assert_eq!(link.as_str().split_once('?').unwrap().0, format!("https://reports-1.s3.eu-west-1.amazonaws.com/{KEY}"));
    let told = |name: &str| link.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(told("X-Amz-Expires").as_deref(), Some("43200"));
    assert_eq!(told("X-Amz-Date").as_deref(), Some("20261125T100000Z"));
    assert_eq!(told("X-Amz-Credential").as_deref(), Some("testing/20261125/eu-west-1/s3/aws4_request"));
    assert_eq!(told("X-Amz-Security-Token").as_deref(), Some("session/token+="));
    assert!(!link.as_str().contains("secret-access-key"));
}

#[tokio::test]
async fn a_bucket_has_its_host_in_its_region() {
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    for (region, host) in [
        ("us-west-1", "reports-1.s3.us-west-1.amazonaws.com"),
        ("us-gov-west-1", "reports-1.s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "reports-1.s3.cn-north-1.amazonaws.com.cn"),
    ] {
        let bucket = aws_bucket("eu-west-1").await.in_region(&region.parse().unwrap());
        let link = bucket.signed_link(KEY, now, Duration::from_hours(1)).await.unwrap();
        assert_eq!(link.host_str(), Some(host));
        assert!(link.as_str().contains(&format!("%2F{region}%2Fs3%2F")), "{link}");
    }
}

/// A bucket of the real AWS, to which nothing is sent.
async fn aws_bucket(region: &str) -> Bucket {
    let pairs = [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "secret-access-key"),
        ("AWS_SESSION_TOKEN", "session/token+="),
    ];
    let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let settings = Settings {
        region: region.parse().expect("a region"),
        endpoint_url: None,
        credentials: aws::credentials(&variables),
        operation_timeout: Duration::from_secs(1),
    };
    Clients::load(&settings).await.bucket(&"reports-1".parse().expect("a bucket"))
}
