"""What SNS publishes, as functions and people get it. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import json
import threading
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support import HOME, LocalAwsTest

STRUCTURED = {"default": "all of it", "email": "dear reader", "sms": "bank fails", "https": '{"event": "failure"}'}


class Delivery(LocalAwsTest):
    def setUp(self) -> None:
        self.sns = self.client("sns")
        self.topic = self.sns.create_topic(Name=self.id().rpartition(".")[2])["TopicArn"]
        # What another test has left.
        self.settle()

    def test_a_function_gets_the_event_that_lambda_would_give_it(self) -> None:
        subscription = self.subscribe("lambda", "arn:aws:lambda:eu-west-1:123456789012:function:aggregator")
        self.control("PUT", "clock", {"now": "2026-11-25T11:03:07+01:00"})
        self.addCleanup(self.control, "PUT", "clock", {"now": None})
        attributes = {"target": {"DataType": "String", "StringValue": "bank"}}

        with self.function("aggregator", (200, {"messages": []})) as events:
            message_id = self.sns.publish(TopicArn=self.topic, Message="{}", MessageAttributes=attributes)["MessageId"]
            deliveries = self.settle()

        self.assertEqual(deliveries, [{
            "function": "aggregator",
            "topic_arn": self.topic,
            "message_id": message_id,
            "tries": 1,
            "answer": {"messages": []},
            "error": None,
        }])
        self.assertEqual(events, [{"Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": message_id,
                "TopicArn": self.topic,
                "Subject": None,
                "Message": "{}",
                "Timestamp": "2026-11-25T10:03:07.000Z",
                "SignatureVersion": "1",
                "Signature": "EXAMPLE",
                "SigningCertUrl": "EXAMPLE",
                "UnsubscribeUrl": "EXAMPLE",
                "MessageAttributes": {"target": {"Type": "String", "Value": "bank"}},
            },
        }]}])
        self.assertEqual(self.settle(), [], "each is told once")

    def test_an_event_that_meets_errors_is_tried_twice_more(self) -> None:
        self.subscribe("lambda", "arn:aws:lambda:us-east-1:123456789012:function:shaky")
        error = {"errorType": "Panic", "errorMessage": "oh"}
        cases: dict[str, tuple[list[tuple[int, Any]], dict[str, Any]]] = {
            "an error, then an answer": ([(500, error), (200, "done")], {"tries": 2, "answer": "done", "error": None}),
            "an emulator's error": ([(200, error)], {"tries": 3, "answer": None, "error": "Panic: oh"}),
            "nothing but errors": ([(500, "x")], {"tries": 3, "answer": None, "error": 'HTTP 500: "x"'}),
        }
        for name, (answers, expected) in cases.items():
            with self.subTest(name), self.function("shaky", *answers) as events:
                self.sns.publish(TopicArn=self.topic, Message="m")
                (delivery,) = self.settle()

                self.assertEqual({key: delivery[key] for key in expected}, expected)
                self.assertEqual(len(events), expected["tries"])
                self.assertTrue(all(event == events[0] for event in events), "a repeat is the same event")

    def test_a_broken_connection_and_a_function_that_is_not_there_are_errors(self) -> None:
        self.subscribe("lambda", "arn:aws:lambda:us-east-1:123456789012:function:gone")
        with self.function("gone", (0, None)) as events:
            self.sns.publish(TopicArn=self.topic, Message="m")
            (broken,) = self.settle()
        self.sns.publish(TopicArn=self.topic, Message="m")
        (missing,) = self.settle()

        self.assertEqual((broken["tries"], len(events)), (3, 3))
        self.assertIn("no answer", broken["error"])
        self.assertEqual((missing["tries"], missing["error"]), (3, "there is no function gone"))

    def test_publishing_does_not_wait_for_the_function_but_settling_does(self) -> None:
        self.subscribe("lambda", "arn:aws:lambda:us-east-1:123456789012:function:slow")
        goes_on = threading.Event()
        settled: list[Any] = []

        with self.function("slow", (200, "done"), goes_on=goes_on):
            for _ in range(3):
                self.sns.publish(TopicArn=self.topic, Message="m")
            waiter = threading.Thread(target=lambda: settled.extend(self.settle()))
            waiter.start()
            self.assertEqual(settled, [])
            goes_on.set()
            waiter.join()

        self.assertEqual([delivery["answer"] for delivery in settled], ["done"] * 3)

    def test_people_get_the_texts_that_are_theirs_and_that_their_filter_lets_through(self) -> None:
        self.subscribe("email", "a@example.org", {"severity": ["critical"]})
        self.subscribe("email", "b@example.org", {"severity": ["info"]})
        self.subscribe("sms", "+4915112345678")
        self.subscribe("https", "https://hook.example/alerts", {"severity": [{"exists": True}]})
        attributes = {"severity": {"DataType": "String", "StringValue": "critical"}}
        start = self.inbox_end()

        self.sns.publish(
            TopicArn=self.topic,
            Subject="bank is failing",
            Message=json.dumps(STRUCTURED),
            MessageStructure="json",
            MessageAttributes=attributes,
        )
        messages = self.inbox(start)

        told = {one["to"]: (one["channel_type"], one["subject"], one["text"], one["answered"]) for one in messages}
        self.assertEqual(told, {
            "a@example.org": ("email", "bank is failing", "dear reader", 200),
            "+4915112345678": ("sms", None, "bank fails", 200),
            "https://hook.example/alerts": ("https", "bank is failing", '{"event": "failure"}', 200),
        })
        self.assertEqual([one["n"] for one in messages], [start + 1, start + 2, start + 3])
        (hook,) = (one for one in messages if one["channel_type"] == "https")
        self.assertEqual(hook["headers"]["x-amz-sns-topic-arn"], self.topic)
        self.assertEqual(hook["body"]["Message"], '{"event": "failure"}')
        self.assertEqual(hook["attributes"], {"severity": {"Type": "String", "Value": "critical"}})

    def test_what_home_needs_is_prepared_and_again_without_a_second_one(self) -> None:
        policy = {"severity": ["critical"]}
        subscription = json.dumps({"protocol": "email", "endpoint": "a@example.org", "filter_policy": policy})
        arguments = ["--topic", "results", "--home", HOME, "--table", "state", "--alert-topic", "alerts"]
        arguments += ["--function", "aggregator", "--subscription", subscription]

        first, second = (self.document("prepare.py", "us-east-1,eu-west-1", *arguments) for _ in range(2))

        self.assertEqual(first, second)
        (subscribed,) = self.sns.list_subscriptions_by_topic(TopicArn=first["alert_topic"])["Subscriptions"]
        arn = subscribed["SubscriptionArn"]
        kept = self.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        self.assertEqual((subscribed["Endpoint"], json.loads(kept["FilterPolicy"])), ("a@example.org", policy))
        for region, topic in first["topics"].items():
            client = self.client("sns", region)
            (subscribed,) = client.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
            self.assertEqual(subscribed["Endpoint"], "arn:aws:lambda:us-east-1:123456789012:function:aggregator")
        dynamodb = self.client("dynamodb")
        table = dynamodb.describe_table(TableName="state")["Table"]
        keys = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
        self.assertEqual(keys, {"pk": "HASH", "sk": "RANGE"})
        expiry = dynamodb.describe_time_to_live(TableName="state")["TimeToLiveDescription"]
        self.assertEqual(expiry, {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"})

    def test_a_function_elsewhere_and_nonsense_are_refused(self) -> None:
        cases = {
            ("PUT", "/local/functions/f"): {"url": "http://example.org/"},
            ("PUT", "/local/clock"): {"now": "soon"},
            ("PUT", "/local/faults"): {"fax": {"status": 503}},
            ("PUT", "/local/kill"): {"pid": 1, "call": 1, "when": "before"},
        }
        for (method, path), body in cases.items():
            with self.subTest(path):
                self.assertEqual(self.ask(method, path, body).status, 400)
        self.assertEqual(self.ask("GET", "/local/nothing").status, 404)

    def subscribe(self, protocol: str, endpoint: str, policy: dict[str, Any] | None = None) -> str:
        attributes = {} if policy is None else {"FilterPolicy": json.dumps(policy)}
        answer = self.sns.subscribe(
            TopicArn=self.topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True
        )
        arn: str = answer["SubscriptionArn"]
        return arn

    def settle(self) -> list[dict[str, Any]]:
        deliveries: list[dict[str, Any]] = self.control("POST", "settle")["deliveries"]
        return deliveries

    @contextmanager
    def function(
        self, name: str, *answers: tuple[int, Any], goes_on: threading.Event | None = None
    ) -> Iterator[list[Any]]:
        """A function that answers so, the last answer again and again; status 0 breaks the connection."""
        events: list[Any] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(events, list(answers), goes_on))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/2015-03-31/functions/{name}/invocations"
        try:
            self.control("PUT", f"functions/{name}", {"url": url})
            yield events
        finally:
            if goes_on is not None:
                goes_on.set()
            self.control("PUT", f"functions/{name}", {"url": None})
            server.shutdown()
            thread.join()
            server.server_close()


def handler(
    events: list[Any], answers: list[tuple[int, Any]], goes_on: threading.Event | None
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            events.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            if goes_on is not None:
                goes_on.wait()
            status, document = answers.pop(0) if len(answers) > 1 else answers[0]
            if status == 0:
                return
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            del arguments

    return Handler


if __name__ == "__main__":
    unittest.main()
