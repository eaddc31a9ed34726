"""The limits that CloudWatch sets on PutMetricData and that moto does not check.

Figures: Amazon CloudWatch API Reference, PutMetricData and MetricDatum. Messages: as the service words them.
"""

import datetime
import math
import time
from typing import Any

MAX_DATA = 1_000
MAX_DIMENSIONS = 30
MAX_VALUES = 150
# Of the request as sent, so after compression.
MAX_REQUEST_BYTES = 1024 * 1024
MAX_MAGNITUDE = 2.0**360
MAX_AGE_SECONDS = 14 * 24 * 3600
MAX_AHEAD_SECONDS = 2 * 3600


class LimitError(Exception):
    """A request that CloudWatch refuses; the text is the message of its answer."""

    def __init__(self, message: str, code: str = "InvalidParameterValue", status: str = "400 Bad Request") -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def check_put_metric_data(request: dict[str, Any], size: int) -> None:
    """Raises LimitError for the first limit that a PutMetricData request of `size` bytes breaks.

    As in AWS, one bad datum refuses the whole request.
    """
    if size > MAX_REQUEST_BYTES:
        raise LimitError(
            f"Request size {size} exceeded {MAX_REQUEST_BYTES} bytes",
            code="RequestEntityTooLarge",
            status="413 Request Entity Too Large",
        )
    data = request.get("MetricData", [])
    if len(data) > MAX_DATA:
        raise LimitError(f"The collection MetricData must not have a size greater than {MAX_DATA}.")
    for number, datum in enumerate(data, start=1):
        check_datum(datum, f"MetricData.member.{number}")


def check_datum(datum: dict[str, Any], place: str) -> None:
    if len(datum.get("Dimensions", [])) > MAX_DIMENSIONS:
        raise LimitError(f"The collection {place}.Dimensions must not have a size greater than {MAX_DIMENSIONS}.")
    for dimension_number, dimension in enumerate(datum.get("Dimensions", []), start=1):
        if not dimension.get("Value"):
            raise LimitError(
                f"The parameter {place}.Dimensions.member.{dimension_number}.Value is required.",
                code="MissingParameter",
            )
    if len(datum.get("Values", [])) > MAX_VALUES:
        raise LimitError(f"The collection {place}.Values must not have a size greater than {MAX_VALUES}.")
    if "Value" in datum:
        check_number(datum["Value"], f"{place}.Value")
    for value_number, value in enumerate(datum.get("Values", []), start=1):
        check_number(value, f"{place}.Values.member.{value_number}")
    check_timestamp(datum.get("Timestamp"), place)


def check_number(value: float, place: str) -> None:
    if not math.isfinite(value) or abs(value) > MAX_MAGNITUDE:
        text = "NaN" if math.isnan(value) else value
        raise LimitError(f"The value {text} for parameter {place} is invalid.")


def check_timestamp(timestamp: Any, place: str) -> None:
    if not isinstance(timestamp, datetime.datetime):
        return
    age = time.time() - timestamp.timestamp()
    if age > MAX_AGE_SECONDS:
        raise LimitError(f"The parameter {place}.Timestamp must specify a time within the past two weeks.")
    if age < -MAX_AHEAD_SECONDS:
        raise LimitError(f"The parameter {place}.Timestamp must specify a time no more than two hours in the future.")
