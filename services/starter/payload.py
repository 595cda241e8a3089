"""A workflow's input and result as the server stores them: what the SDK's own data converter makes of a value."""

import json
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload

# The SDK's name for "JSON, and nothing else to know about it".
JSON = b"json/plain"


def encode(value: Any) -> Payload:
    """Return the payload of a workflow's input."""
    if type(value) in (str, bool, int, float):  # without an import that takes as long as the run itself
        return Payload(metadata={"encoding": JSON}, data=json.dumps(value).encode())
    from temporalio.converter import DataConverter  # noqa: PLC0415

    (payload,) = DataConverter.default.payload_converter.to_payloads([value])
    return payload


def decode(payloads: Sequence[Payload]) -> Any:
    """Return a workflow's result; None when it has none."""
    if not payloads:
        return None
    if payloads[0].metadata["encoding"] == JSON:
        return json.loads(payloads[0].data)
    from temporalio.converter import DataConverter  # noqa: PLC0415

    return DataConverter.default.payload_converter.from_payloads(payloads[:1])[0]
