"""The local AWS as its users meet it: over its socket, by raw CBOR and by boto3. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import gzip
import json
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any

import cbor2
from support import LocalAwsTest, ask, pipe, start_server, stop

NOW = datetime.now(timezone.utc).replace(second=0, microsecond=0)


class LocalAws(LocalAwsTest):
    def test_compressed_metrics_are_read_back_from_their_region_only(self) -> None:
        by_step = [{"Name": "Target", "Value": "bank"}, {"Name": "Step", "Value": "get_consent"}]
        failure = datum(MetricName="StepFailure", Value=1.0)
        body = metric_data(failure, failure | {"Dimensions": by_step})

        status, _, _ = self.call("PutMetricData", gzip.compress(body), region="us-west-1", encoding="gzip")
        document = self.read_metrics("us-east-1,us-west-1")

        self.assertEqual(status, 200)
        point = [{"timestamp": NOW.isoformat().replace("+00:00", "Z"), "average": 1.0, "count": 1}]
        self.assertEqual(document["regions"], [
            {"region": "us-east-1", "metrics": []},
            {"region": "us-west-1", "metrics": [
                {"name": "StepFailure", "dimensions": {"Target": "bank", "Step": "get_consent"}, "datapoints": point},
                {"name": "StepFailure", "dimensions": {"Target": "bank"}, "datapoints": point},
            ]},
        ])

    def test_answers_carry_timestamps_as_the_protocol_does(self) -> None:
        metric = {"Namespace": "XS2AMonitor", "MetricName": "RunDuration", "Dimensions": datum()["Dimensions"]}
        query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "SampleCount"}}
        window = {"StartTime": NOW, "EndTime": NOW + timedelta(minutes=1)}

        self.call("PutMetricData", metric_data(datum(), datum()), region="eu-west-1")
        _, _, answer = self.call("GetMetricData", cbor2.dumps({"MetricDataQueries": [query]} | window), "eu-west-1")

        (result,) = answer["MetricDataResults"]
        self.assertEqual(result["Timestamps"], [NOW])
        self.assertEqual(result["Values"], [2.0])

    def test_the_limits_of_put_metric_data_are_kept(self) -> None:
        dimensions = [{"Name": f"n{number}", "Value": "v"} for number in range(31)]
        cases = {
            "The collection MetricData must not have a size greater than 1000.": [datum()] * 1001,
            "The collection MetricData.member.1.Dimensions must not have a size greater than 30.": [
                datum(Dimensions=dimensions)
            ],
            "The value NaN for parameter MetricData.member.2.Value is invalid.": [datum(), datum(Value=float("nan"))],
            "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.": [
                datum(Timestamp=NOW - timedelta(days=15))
            ],
            "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future.": [
                datum(Timestamp=NOW + timedelta(hours=3))
            ],
        }
        for message, data in cases.items():
            with self.subTest(message):
                status, headers, answer = self.call("PutMetricData", metric_data(*data))

                self.assertEqual(status, 400)
                self.assertEqual(headers["x-amzn-query-error"], "InvalidParameterValue;Sender")
                self.assertEqual(answer, {
                    "__type": "com.amazonaws.cloudwatch#InvalidParameterValueException",
                    "message": message,
                })

    def test_a_request_over_one_mebibyte_is_too_large(self) -> None:
        padding = [{"Name": f"n{number}", "Value": "v" * 60} for number in range(20)]

        status, headers, _ = self.call("PutMetricData", metric_data(*[datum(Dimensions=padding)] * 900))

        self.assertEqual(status, 413)
        self.assertEqual(headers["x-amzn-query-error"], "RequestEntityTooLarge;Sender")

    def test_what_cannot_be_answered_is_refused_in_the_protocol(self) -> None:
        # The last one is moto's own refusal.
        statistics = {"Namespace": "N", "MetricName": "M", "StartTime": NOW, "EndTime": NOW, "Period": 60}
        cases = {
            ("PutMetricData", b"\xff\xff"): (400, "SerializationException"),
            ("PutMetricData", cbor2.dumps([1])): (400, "SerializationException"),
            ("NoSuchOperation", b""): (404, "UnknownOperationException"),
            ("PutCompositeAlarm", cbor2.dumps({"AlarmName": "a", "AlarmRule": "TRUE"})): (501, "NotImplemented"),
            ("GetMetricStatistics", cbor2.dumps(statistics)): (400, "InvalidParameterCombination"),
        }
        for (operation, body), expected in cases.items():
            with self.subTest(operation, body=body):
                status, headers, answer = self.call(operation, body)

                self.assertEqual((status, headers["x-amzn-query-error"].partition(";")[0]), expected)
                self.assertIn(expected[1], answer["__type"])

    def test_other_services_pass_through(self) -> None:
        clients = {name: self.client(name, "us-east-2") for name in ("sns", "sqs")}
        topic = clients["sns"].create_topic(Name="results")["TopicArn"]
        queue = clients["sqs"].create_queue(QueueName="results")["QueueUrl"]
        attributes = clients["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        clients["sns"].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])

        clients["sns"].publish(TopicArn=topic, Message="passed")
        messages = clients["sqs"].receive_message(QueueUrl=queue)["Messages"]

        self.assertEqual([json.loads(message["Body"])["Message"] for message in messages], ["passed"])

    def test_what_is_prepared_is_there_in_every_region(self) -> None:
        regions = ["eu-west-1", "eu-west-2"]
        parameters = ["--parameter=/bank/token=first", "--parameter=/bank/token=a=b"]

        document = self.document("prepare.py", ",".join(regions), "--topic", "prepared", *parameters)

        for region in regions:
            sns, ssm = (self.client(name, region) for name in ("sns", "ssm"))
            topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
            self.assertEqual(topics, [document["topics"][region]])
            parameter = ssm.get_parameter(Name="/bank/token", WithDecryption=True)["Parameter"]
            self.assertEqual((parameter["Type"], parameter["Value"]), ("SecureString", "a=b"))

    def test_it_ends_when_its_standard_input_closes(self) -> None:
        server, _ = start_server()
        self.addCleanup(stop, server)

        pipe(server.stdin).close()

        self.assertEqual(server.wait(timeout=30), 0)

    def call(self, operation: str, body: bytes, region: str = "us-east-1", encoding: str = "") -> tuple[int, Any, Any]:
        credential = f"testing/20260101/{region}/monitoring/aws4_request"
        headers = {
            "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none",
            "content-type": "application/cbor",
            "smithy-protocol": "rpc-v2-cbor",
        }
        if encoding:
            headers["content-encoding"] = encoding
        path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        answer = ask(request)
        return answer.status, answer.headers, cbor2.loads(answer.body)

    def read_metrics(self, regions: str) -> dict[str, Any]:
        end = NOW + timedelta(minutes=5)
        return self.document("read_metrics.py", regions, "--start", NOW.isoformat(), "--end", end.isoformat())


def metric_data(*data: dict[str, Any]) -> bytes:
    return cbor2.dumps({"Namespace": "XS2AMonitor", "MetricData": list(data)})


def datum(**changes: Any) -> dict[str, Any]:
    dimensions = [{"Name": "Target", "Value": "bank"}]
    return {"MetricName": "RunDuration", "Dimensions": dimensions, "Timestamp": NOW, "Value": 843.5} | changes


if __name__ == "__main__":
    unittest.main()
