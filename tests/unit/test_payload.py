"""The starter's own reading and writing of payloads is the SDK's."""

from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.converter import DataConverter

from starter.payload import decode, encode

CONVERTER = DataConverter.default.payload_converter


@dataclass
class Order:
    number: int


VALUES = [
    "",
    "Ada",
    '李\U0001f680\\"',
    0,
    -(2**70),
    1.5,
    float("inf"),
    True,
    None,
    b"\x00",
    [1, "a"],
    {"b": 1, "a": None},
    Order(1),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_an_input_is_what_the_sdk_makes_of_it(value: Any) -> None:
    assert encode(value) == CONVERTER.to_payloads([value])[0]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_result_is_what_the_sdk_reads(value: Any) -> None:
    payloads = CONVERTER.to_payloads([value])
    assert decode(payloads) == CONVERTER.from_payloads(payloads)[0]


def test_no_payload_is_no_result() -> None:
    assert decode([]) is None
