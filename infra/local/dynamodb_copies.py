"""Makes a transaction cost what it touches: moto copies the whole table, every item, once for each write in it.

moto 5.2.5 keeps the copies to roll back to. Here a copy shares partitions and items with its table, which is sound as
long as both are replaced and not changed: so every write begins by replacing them. Streams, which nothing here uses,
would not be rolled back.
"""

import copy
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

WRITES = ("put_item", "update_item", "delete_item")


def share_items() -> None:
    """From now on, in this process, moto copies tables so."""
    setattr(Table, "__deepcopy__", share)
    for name in WRITES:
        setattr(DynamoDBBackend, name, owning(getattr(DynamoDBBackend, name)))


def share(table: Table, memo: dict[int, Any]) -> Table:
    del memo
    twin = copy.copy(table)
    twin.items = table.items.copy()
    return twin


def owning(write: Callable[..., Any]) -> Callable[..., Any]:
    def owned_write(
        self: DynamoDBBackend, table_name: str, key_or_item: dict[str, Any], *rest: Any, **named: Any
    ) -> Any:
        own(self.get_table(table_name), key_or_item)
        return write(self, table_name, key_or_item, *rest, **named)

    return owned_write


def own(table: Table, key_or_item: dict[str, Any]) -> None:
    """Replaces what a write to this key may change."""
    names = [table.hash_key_attr] + ([table.range_key_attr] if table.range_key_attr else [])
    if not all(name in key_or_item for name in names):
        # The write will say so.
        return
    key = [DynamoType(key_or_item[name]) for name in names]
    entry = table.items.get(key[0])
    # Without a range key the entry is the item itself.
    if isinstance(entry, dict):
        partition = table.items[key[0]] = dict(entry)
        if key[1] in partition:
            partition[key[1]] = copy.deepcopy(partition[key[1]])
    elif entry is not None:
        table.items[key[0]] = copy.deepcopy(entry)
