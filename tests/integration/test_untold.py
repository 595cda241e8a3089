"""A server that ends a run and does not tell who waits: too rare to be provoked, so the first wait here stands in for it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

import starter.start
from connection.environment import Environment
from connection.settings import Settings, check
from starter.arguments import parse
from starter.run import Run, outcome
from support import DevServer, worker


async def test_a_result_that_was_not_told_is_asked_for_again(
    here: Path, server: DevServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "untold"}
    waits = []

    async def first_in_vain(run: Run, settings: Settings) -> Any:
        waits.append(run.workflow_id)
        if len(waits) == 1:
            await asyncio.Event().wait()
        return await outcome(run, settings)

    monkeypatch.setattr(starter.start, "outcome", first_in_vain)
    with worker(here, environment):
        code = await starter.start.start(check(Environment(environment, {})), parse(["--name", "Ada", "--timeout", "30"]))
    assert (code, len(waits)) == (0, 2)
    assert capfd.readouterr().out == "Result: Hello, Ada!\n"
