"""The phone and the tools that alerts are posted to: what they take, refuse and keep. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import unittest
from typing import Any

from botocore.exceptions import ClientError
from support import Answer, LocalAwsTest

CARD = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "bank fails"}]}
TEAMS = {
    "type": "message",
    "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
}
PAGERDUTY = {
    "routing_key": "key",
    "event_action": "trigger",
    "dedup_key": "bank#1",
    "payload": {"summary": "bank fails", "source": "bank", "severity": "critical"},
}
CLOSE = "opsgenie/ops/bank%231/close?identifierType=alias"
LONG_SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "t" * 3001}}
# path: what is taken, the answer's status, and what a person reads of it
TAKEN: dict[str, tuple[Any, int, str]] = {
    "slack/ops": ({"text": "bank fails", "blocks": [{"type": "divider"}]}, 200, "bank fails"),
    "teams/ops": (TEAMS, 202, "bank fails"),
    "pagerduty/v2/enqueue": (PAGERDUTY, 202, "bank fails"),
    "opsgenie/v2/alerts": ({"message": "bank fails", "alias": "bank#1"}, 202, "bank fails"),
    CLOSE: ({"note": "bank is back"}, 202, "bank is back"),
    "webhook/ops": ({"event": "failure"}, 204, '{"event": "failure"}'),
}
REFUSED: list[tuple[str, Any, int, bytes]] = [
    ("slack", {"text": "t"}, 404, b"no_service"),
    ("slack/ops", b"text", 400, b"invalid_payload"),
    ("slack/ops", {"blocks": []}, 400, b"no_text"),
    ("slack/ops", {"blocks": [LONG_SECTION]}, 400, b"invalid_blocks"),
    ("teams/ops", {"text": "t"}, 400, b"InvalidRequestContent"),
    ("teams/ops", TEAMS | {"padding": "t" * 28 * 1024}, 413, b"RequestEntityTooLarge"),
    ("pagerduty/ops", PAGERDUTY | {"payload": {}}, 400, b"'payload.summary' is missing"),
    ("pagerduty/ops", PAGERDUTY | {"event_action": "resolve", "dedup_key": None}, 400, b"'dedup_key' is missing"),
    ("opsgenie/ops", {"message": "m" * 131}, 422, b"longer than 130"),
    ("opsgenie/ops", {"alias": "a"}, 422, b"Message can not be empty"),
    ("opsgenie/ops/bank/close", {}, 422, b"identifierType"),
    ("webhook/ops", b"", 400, b"JSON is needed"),
    ("fax/ops", {}, 404, b"no stand-in"),
]


class Tools(LocalAwsTest):
    def setUp(self) -> None:
        self.voice = self.client("pinpoint-sms-voice-v2")
        self.start = self.inbox_end()
        self.addCleanup(self.control, "PUT", "faults", {})

    def test_what_they_take_is_answered_as_theirs_and_kept(self) -> None:
        for path, (document, status, text) in TAKEN.items():
            with self.subTest(path):
                start = self.inbox_end()
                answer = self.post(path, document)
                (message,) = self.inbox(start)

                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(message["channel_type"], path.partition("/")[0])
                self.assertEqual((message["to"], message["answered"]), (f"/providers/{path}", status))
                self.assertEqual((message["text"], message["body"]), (text, document))
                self.assertEqual(message["headers"]["authorization"], "GenieKey", "the key is kept from it")
        self.assertEqual(self.post("slack/ops", {"text": "t"}).body, b"ok")
        taken = {"status": "success", "message": "Event processed", "dedup_key": "bank#1"}
        self.assertEqual(self.post("pagerduty/ops", PAGERDUTY).json(), taken)
        self.assertEqual(self.post(CLOSE, {}).json()["result"], "Request will be processed")

    def test_what_they_refuse_is_told_in_their_way(self) -> None:
        for path, document, status, reason in REFUSED:
            with self.subTest(path, reason=reason):
                answer = self.post(path, document)

                self.assertEqual(answer.status, status, answer.body)
                self.assertIn(reason, answer.body)
        without_key = self.ask("POST", "/providers/opsgenie/ops", {"message": "m"})
        self.assertEqual(without_key.status, 401)

    def test_a_fault_ends_after_its_times_and_meets_nobody_else(self) -> None:
        self.control("PUT", "faults", {"slack": {"status": 503, "times": 2}, "webhook": {"status": 500, "times": None}})

        slack = [self.post("slack/ops", {"text": "t"}).status for _ in range(3)]
        webhook = [self.post("webhook/ops", {}).status for _ in range(3)]
        others = self.post("teams/ops", TEAMS).status
        self.control("PUT", "faults", {})

        self.assertEqual((slack, webhook, others), ([503, 503, 200], [500] * 3, 202))
        self.assertEqual([one["answered"] for one in self.inbox(self.start)], [503, 503, 200, 500, 500, 500, 202])
        self.assertEqual(self.post("webhook/ops", {}).status, 204)

    def test_a_call_is_taken_with_its_words(self) -> None:
        call = {"DestinationPhoneNumber": "+4915112345678", "OriginationIdentity": "+18005550100"}

        answer = self.voice.send_voice_message(**call, MessageBody="bank fails", VoiceId="AMY", Context={"n": "1"})
        self.voice.send_voice_message(**call, MessageBody="a rehearsal", DryRun=True)

        (message,) = self.inbox(self.start)
        self.assertTrue(answer["MessageId"])
        self.assertEqual((message["channel_type"], message["to"]), ("phone", "+4915112345678"))
        self.assertEqual((message["text"], message["attributes"], message["answered"]), ("bank fails", {"n": "1"}, 200))
        self.assertEqual(message["headers"]["authorization"], "AWS4-HMAC-SHA256")

    def test_a_call_that_cannot_be_made_is_an_error_that_has_a_name(self) -> None:
        call = {"DestinationPhoneNumber": "+4915112345678", "OriginationIdentity": "id", "MessageBody": "b"}
        cases = {
            "ValidationException": {"MessageBody": "b" * 3001},
            "InternalServerException": {},
            "ThrottlingException": {},
        }
        for (code, changes), status in zip(cases.items(), (None, 500, 429), strict=True):
            with self.subTest(code), self.assertRaises(ClientError) as caught:
                self.control("PUT", "faults", {} if status is None else {"phone": {"status": status, "times": 1}})
                self.voice.send_voice_message(**(call | changes))
            self.assertEqual(caught.exception.response["Error"]["Code"], code)
        self.assertEqual([one["answered"] for one in self.inbox(self.start)], [400, 500, 429])

    def test_a_topic_that_fails_has_told_nobody(self) -> None:
        sns = self.client("sns")
        topic = sns.create_topic(Name="faulty")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.org")
        self.control("PUT", "faults", {"sns": {"status": 429, "times": 1}})

        with self.assertRaises(ClientError) as caught:
            sns.publish(TopicArn=topic, Message="first")
        sns.publish(TopicArn=topic, Message="second")

        self.assertEqual(caught.exception.response["Error"]["Code"], "Throttled")
        self.assertEqual([one["text"] for one in self.inbox(self.start)], ["second"])

    def post(self, path: str, document: Any) -> Answer:
        return self.ask("POST", f"/providers/{path}", document, {"authorization": "GenieKey secret"})


if __name__ == "__main__":
    unittest.main()
