"""DynamoDB's promises that moto alone does not keep, or keeps at a price. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import io
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError
from dynamodb_order import DynamoDbInOrder
from home import make_table
from support import LocalAwsTest
from wsgi import act

TABLE = "state"
OVERLAP_SECONDS = 0.2


class DynamoDb(LocalAwsTest):
    def setUp(self) -> None:
        self.dynamodb = self.client("dynamodb")
        make_table(self.dynamodb, TABLE)

    def test_of_conditional_writes_at_the_same_time_one_wins(self) -> None:
        item = key("contested") | {"n": {"N": "1"}}

        def try_to_put(_: int) -> bool:
            try:
                self.dynamodb.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)")
            except ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "ConditionalCheckFailedException")
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(try_to_put, range(64)))

        self.assertEqual(won.count(True), 1)

    def test_a_transaction_that_fails_changes_nothing(self) -> None:
        for name in ("updated", "replaced", "deleted"):
            self.put(name, 1)
        add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        writes: list[dict[str, Any]] = [
            {"Update": {"TableName": TABLE, "Key": key("updated")} | add},
            {"Put": {"TableName": TABLE, "Item": key("replaced") | {"n": {"N": "2"}}}},
            {"Put": {"TableName": TABLE, "Item": key("new") | {"n": {"N": "2"}}}},
            {"Delete": {"TableName": TABLE, "Key": key("deleted")}},
        ]
        names = ("updated", "replaced", "new", "deleted")
        condition = {"TableName": TABLE, "Key": key("none"), "ConditionExpression": "attribute_exists(pk)"}

        with self.assertRaises(ClientError):
            self.dynamodb.transact_write_items(TransactItems=[*writes, {"ConditionCheck": condition}])
        after_failure = [self.number(name) for name in names]
        self.dynamodb.transact_write_items(TransactItems=writes)

        self.assertEqual(after_failure, ["1", "1", None, "1"])
        self.assertEqual([self.number(name) for name in names], ["2", "2", "2", None])

    def put(self, name: str, number: int) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item=key(name) | {"n": {"N": str(number)}})

    def number(self, name: str) -> str | None:
        item = self.dynamodb.get_item(TableName=TABLE, Key=key(name), ConsistentRead=True).get("Item")
        return None if item is None else item["n"]["N"]


class InOrder(unittest.TestCase):
    def test_two_calls_of_dynamodb_never_overlap_and_others_do(self) -> None:
        for target, overlap in {"DynamoDB_20120810.PutItem": False, "AmazonSSM.GetParameter": True}.items():
            with self.subTest(target):
                self.assertEqual(calls_overlap(target), overlap)


def calls_overlap(target: str) -> bool:
    both_inside = threading.Barrier(2)
    met: list[bool] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            both_inside.wait(OVERLAP_SECONDS)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        start_response("200 OK", [])
        return [b""]

    in_order = DynamoDbInOrder(app)
    with ThreadPoolExecutor(2) as pool:
        environs = [{"HTTP_X_AMZ_TARGET": target, "wsgi.input": io.BytesIO()} for _ in range(2)]
        list(pool.map(lambda environ: act(in_order, environ), environs))
    return any(met)


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": f"TARGET#{name}"}, "sk": {"S": "STATE"}}


if __name__ == "__main__":
    unittest.main()
