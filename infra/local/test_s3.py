"""S3 as the functions and people's links meet it. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import functools
import unittest
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from s3 import make_report_buckets
from support import LocalAwsTest, ask

BUCKET = "xs2a-monitor-reports-us-west-1"
REGION = "us-west-1"
KEY = "reports/klarna-playground/us-west-1/20261125T100000Z.html"


class S3(LocalAwsTest):
    def setUp(self) -> None:
        self.s3 = self.s3_in(REGION)
        self.addCleanup(self.control, "PUT", "faults", {})

    def test_every_region_has_a_bucket_for_reports_from_the_start(self) -> None:
        make_report_buckets()
        for region in ("us-east-1", "us-east-2", "us-west-1", "eu-central-1"):
            with self.subTest(region):
                bucket, s3 = f"xs2a-monitor-reports-{region}", self.s3_in(region)

                s3.put_object(Bucket=bucket, Key="latest/a.json", Body=b"{}", ContentType="application/json")

                found = s3.get_object(Bucket=bucket, Key="latest/a.json")
                self.assertEqual((found["Body"].read(), found["ContentType"]), (b"{}", "application/json"))

    def test_of_two_first_writes_the_first_wins(self) -> None:
        def try_to_put(number: int) -> tuple[str, int] | None:
            body = str(number).encode()
            return refusal(lambda: self.s3.put_object(Bucket=BUCKET, Key=KEY, Body=body, IfNoneMatch="*"))

        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(try_to_put, range(32)))

        self.assertEqual(codes.count(None), 1)
        self.assertEqual(set(codes), {None, ("PreconditionFailed", 412)})
        self.assertEqual(self.read(KEY), str(codes.index(None)).encode())

    def test_what_is_not_there_is_told_by_its_code(self) -> None:
        for bucket, code in {BUCKET: "NoSuchKey", "xs2a-monitor-reports-nowhere": "NoSuchBucket"}.items():
            with self.subTest(bucket):
                read = functools.partial(self.s3.get_object, Bucket=bucket, Key="latest/none.json")
                self.assertEqual(refusal(read), (code, 404))

    def test_a_request_signed_for_another_region_is_refused(self) -> None:
        for what, send in self.both(self.s3_in("us-east-1")).items():
            with self.subTest(what):
                self.assertEqual(refusal(send), ("AuthorizationHeaderMalformed", 400))

    def test_a_signed_link_leads_to_the_object_and_only_while_it_was_signed_right(self) -> None:
        self.s3.put_object(Bucket=BUCKET, Key="reports/a.html", Body=b"<p>", ContentType="text/html")

        link = self.link(self.s3)
        opened = ask(urllib.request.Request(link))

        self.assertEqual((opened.status, opened.headers["content-type"], opened.body), (200, "text/html", b"<p>"))
        for name, wrong in {
            "region": self.link(self.s3_in("us-east-1")),
            "key": link.replace("a.html", "b.html"),
            "lifetime": link.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
            "token": link + "&X-Amz-Security-Token=added",
        }.items():
            with self.subTest(name):
                self.assertIn(ask(urllib.request.Request(wrong)).status, (400, 403))

    def test_only_a_right_signature_over_the_body_is_taken(self) -> None:
        self.s3.put_object(Bucket=BUCKET, Key="signed.json", Body=b"{}")
        stranger = boto3.client("s3", aws_secret_access_key="guessed", aws_access_key_id="a", **self.settings(REGION))
        for what, send in self.both(stranger).items():
            with self.subTest(what):
                self.assertEqual(refusal(send), ("SignatureDoesNotMatch", 403))
        credential = f"Credential=testing/20261125/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"authorization": f"AWS4-HMAC-SHA256 {credential}", "x-amz-date": "20261125T100000Z"}
        for told, code in [(None, b"Missing required header"), ("0" * 64, b"XAmzContentSHA256Mismatch")]:
            with self.subTest(told):
                answer = self.ask("PUT", f"/{BUCKET}/a", b"{}", headers | hash_header(told))
                self.assertEqual(answer.status, 400)
                self.assertIn(code, answer.body)

    def test_wanted_faults_come_as_s3_words_them(self) -> None:
        self.control("PUT", "faults", {"S3.PutObject": {"status": 503, "times": 1}})
        put = functools.partial(self.s3.put_object, Bucket=BUCKET, Key="faulty.json", Body=b"{}")
        self.assertEqual([refusal(put), refusal(put)], [("SlowDown", 503), None])

        self.control("PUT", "faults", {"S3.GetObject": {"status": 403}})
        self.assertEqual(refusal(lambda: self.read("faulty.json")), ("AccessDenied", 403))

    def test_calls_are_listed_by_the_names_of_their_operations(self) -> None:
        self.s3.put_object(Bucket=BUCKET, Key="a.json", Body=b"{}")
        link = self.link(self.s3, "a.json")
        self.control("PUT", "kill", {})

        self.s3.put_object(Bucket=BUCKET, Key="a.json", Body=b"{}", CacheControl="max-age=60")
        self.read("a.json")
        ask(urllib.request.Request(link))
        self.s3.delete_object(Bucket=BUCKET, Key="a.json")
        self.s3.list_objects_v2(Bucket=BUCKET)
        calls = self.control("GET", "calls")["calls"]

        names = ["S3.PutObject", "S3.GetObject", "S3.GetObject", "S3.DeleteObject", "S3.GET"]
        self.assertEqual([call["what"] for call in calls], names)

    def s3_in(self, region: str) -> Any:
        return boto3.client("s3", **self.settings(region))

    def settings(self, region: str) -> dict[str, Any]:
        config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4", s3={"addressing_style": "path"})
        return {"region_name": region, "endpoint_url": self.url, "config": config}

    def both(self, s3: Any) -> dict[str, Any]:
        return {
            "put": lambda: s3.put_object(Bucket=BUCKET, Key="signed.json", Body=b"{}"),
            "get": lambda: s3.get_object(Bucket=BUCKET, Key="signed.json"),
        }

    def link(self, s3: Any, key: str = "reports/a.html") -> str:
        link: str = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": key}, ExpiresIn=3600)
        return link

    def read(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body


def refusal(send: Callable[[], Any]) -> tuple[str, int] | None:
    """The code and status of the error; None when there is none."""
    try:
        send()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


def hash_header(told: str | None) -> dict[str, str]:
    return {} if told is None else {"x-amz-content-sha256": told}


if __name__ == "__main__":
    unittest.main()
