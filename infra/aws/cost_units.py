"""What a call of AWS is billed as: the names are those of the prices in prices.toml.

Capacity units by the Amazon DynamoDB Developer Guide, "DynamoDB read and write operations" and "DynamoDB item sizes
and formats".
"""

import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

Item = dict[str, dict[str, Any]]
# The item with these keys in a table, none when there is none.
Lookup = Callable[[str, Item], Item | None]
Usage = Counter[str]

WRITE_BYTES = 1024
READ_BYTES = 4096
# What a list or map takes beside its elements, and each element.
NEST_BYTES = 3
ELEMENT_BYTES = 1
PARTS = {"Put": "Item", "Update": "Key", "Delete": "Key", "ConditionCheck": "Key"}
WRITES = {"PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}
KEYS = ("pk", "sk")


class UnknownCallError(Exception):
    """A call that has no price here."""


def usage_of(what: str, body: bytes) -> Usage:
    """What a call of anything but DynamoDB is billed as. `what` is named as by the local AWS: "SNS.Publish"."""
    if what == "CloudWatch.PutMetricData":
        return Usage(put_metric_data=1)
    if what == "SNS.Publish":
        # Billed by 64 KB, which no message of ours reaches.
        return Usage(sns_publish=1)
    if what == "AmazonSSM.GetParameter":
        return Usage(kms_request=1) if json.loads(body).get("WithDecryption") else Usage()
    if what == "S3.PutObject":
        return Usage(s3_put=1, s3_byte=len(body))
    if what == "S3.GetObject":
        return Usage(s3_get=1)
    raise UnknownCallError(f"no price is known for {what}")


def read_usage(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Usage:
    """The units of reading what `answer` brought."""
    if operation == "GetItem":
        return Usage(read_unit=read_units([item_size(answer.get("Item", {}))], consistent(request)))
    if operation == "Query":
        return Usage(read_unit=read_units([sum(map(item_size, answer.get("Items", [])))], consistent(request)))
    usage = Usage()
    for table, asked in request["RequestItems"].items():
        items = answer.get("Responses", {}).get(table, [])
        # A key without an item counts like the smallest item.
        sizes = [item_size(item) for item in items] + [0] * (len(asked["Keys"]) - len(items))
        usage["read_unit"] += read_units(sizes, consistent(asked))
    return usage


def written_keys(operation: str, request: dict[str, Any]) -> list[tuple[str, Item]]:
    """The table and the keys of every item that a write names. Raises UnknownCallError for what is no write."""
    if operation == "TransactWriteItems":
        parts = [(kind, part[kind]) for part in request["TransactItems"] for kind in part]
        return [(part["TableName"], keys(part[PARTS[kind]])) for kind, part in parts]
    if operation not in WRITES:
        raise UnknownCallError(f"no price is known for DynamoDB's {operation}")
    return [(request["TableName"], keys(request[WRITES[operation]]))]


def write_units(size_before: int, size_after: int, transactional: bool) -> int:
    """By the larger of both items, also when a condition refused the write."""
    units = max(1, math.ceil(max(size_before, size_after) / WRITE_BYTES))
    return units * 2 if transactional else units


def read_units(sizes: list[int], is_consistent: bool) -> float:
    """Each size is rounded up by itself: a query has one, of all its items together."""
    units = sum(max(1, math.ceil(size / READ_BYTES)) for size in sizes)
    return units if is_consistent else units / 2


def item_size(item: Item) -> int:
    """In bytes, names included. 0: there is none."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        # One byte for two digits, one for the rest of it.
        return math.ceil(len(content.strip("-").replace(".", "")) / 2) + 1 + content.startswith("-")
    if kind == "L":
        return NEST_BYTES + sum(ELEMENT_BYTES + value_size(element) for element in content)
    if kind == "M":
        return NEST_BYTES + sum(ELEMENT_BYTES + item_size({name: element}) for name, element in content.items())
    if kind in ("BOOL", "NULL"):
        return 1
    raise UnknownCallError(f"no size is known for DynamoDB's type {kind}")


def consistent(request: dict[str, Any]) -> bool:
    return bool(request.get("ConsistentRead"))


def keys(item: Item) -> Item:
    return {name: item[name] for name in KEYS}
