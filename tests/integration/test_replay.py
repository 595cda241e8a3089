"""Recorded histories must replay with the code of today: runs like them may be in flight at a deploy."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from greeting.activities import say_hello
from greeting.hosted import WORKFLOWS

HISTORIES = sorted(Path(__file__).parent.glob("histories/*.json"))
MEND = """\
The history {file} no longer replays: {error}
Runs that are open when this change is deployed would get stuck. Do one of these:
- keep the old path for them: if workflow.patched("what-changed"): <new code> else: <old code>
- or give the changed workflow a new name, and keep the old one until its last run has ended.
Never delete the history to make this pass. A further one is recorded, after a run of the new code, by
  docker compose exec server temporal workflow show --address 127.0.0.1:7233 -w <id> --output json"""


@workflow.defn(name="SayHello", sandboxed=False)
class Changed:
    @workflow.run
    async def run(self, name: str) -> str:
        await workflow.sleep(1)
        return await workflow.execute_activity(say_hello, name, start_to_close_timeout=timedelta(seconds=5))


async def replay(file: Path, workflows: list[type]) -> None:
    """Raise AssertionError, with what to do, when ``file``'s history does not replay with ``workflows``."""
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    result = await Replayer(workflows=workflows).replay_workflow(history, raise_on_replay_failure=False)
    assert not result.replay_failure, MEND.format(file=file.name, error=result.replay_failure)


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    await replay(file, list(WORKFLOWS))


def test_there_is_a_history_of_a_run_in_each_state() -> None:
    assert {file.stem for file in HISTORIES} == {"completed", "in-the-activity"}


async def test_an_incompatible_change_fails_and_says_what_to_do() -> None:
    for file in HISTORIES:
        with pytest.raises(AssertionError, match=r"workflow\.patched"):
            await replay(file, [Changed])
