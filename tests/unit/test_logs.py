"""One line an event, as text and as JSON, with the ids of the run in fields."""

import json
import logging
import sys

import pytest

from connection.logs import Json, Text


def record(message: str, *, boom: bool = False) -> logging.LogRecord:
    try:
        if boom:
            raise ValueError("first\nsecond")
        info = None
    except ValueError:
        info = sys.exc_info()
    made = logging.LogRecord("app", logging.INFO, "file.py", 1, message, (), info)
    made.created = 1_000_000_000.5
    made.temporal_activity = {"workflow_id": "w", "workflow_run_id": "r", "activity_type": "a", "attempt": 2, "namespace": "n"}
    return made


def test_text_is_one_line_with_the_ids() -> None:
    expected = r"2001-09-09T01:46:40.500Z INFO    app: one\r\n\\two workflow_id=w run_id=r activity_type=a attempt=2"
    assert Text().format(record("one\r\n\\two")) == expected


def test_json_is_one_object_with_the_ids() -> None:
    line = Json().format(record('say "ü"\n'))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2001-09-09T01:46:40.500Z",
        "level": "INFO",
        "logger": "app",
        "message": 'say "ü"\n',
        "workflow_id": "w",
        "run_id": "r",
        "activity_type": "a",
        "attempt": 2,
    }


@pytest.mark.parametrize("formatter", [Text(), Json()])
def test_a_traceback_stays_in_the_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record("failed", boom=True))
    assert "\n" not in line
    assert "Traceback" in line
    assert "second" in line
