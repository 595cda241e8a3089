"""The drills' verdict finds what is lost, wrong, run twice, or retried."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from drill.load import Errand, finish, plan
from drill.verdict import judge
from support import DevServer


@activity.defn
async def flaky(fails: int) -> None:
    if activity.info().attempt <= fails:
        raise RuntimeError("tried again")


@workflow.defn(name="Errand")
class Dutiful:
    @workflow.run
    async def run(self, what: str) -> str:
        kind, _, number = what.partition(":")
        if kind == "flaky":
            policy = RetryPolicy(initial_interval=timedelta(milliseconds=10))
            timeout = timedelta(seconds=5)
            await workflow.execute_activity(flaky, int(number), start_to_close_timeout=timeout, retry_policy=policy)
        if kind == "endless":
            await workflow.sleep(3600)
        return "something else" if kind == "wrong" else f"{what} done"


async def test_the_verdict(server: DevServer) -> None:
    client = await Client.connect(server.address)

    async def start(errand: Errand) -> WorkflowHandle[object, object]:
        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        return await client.start_workflow(
            "Errand", errand.what, id=errand.workflow_id, task_queue="verdict", id_reuse_policy=reuse
        )

    right, retried, wrong, twice, endless, never = (
        Errand(f"verdict-{kind}", kind, number)
        for number, kind in ((1, "quick"), (3, "flaky"), (5, "wrong"), (6, "twice"), (7, "endless"), (8, "never"))
    )
    parts = {"workflows": [Dutiful], "activities": [flaky]}
    async with Worker(client, task_queue="verdict", workflow_runner=UnsandboxedWorkflowRunner(), **parts):  # type: ignore[arg-type]
        for errand in (right, retried, wrong, twice, twice):
            await (await start(errand)).result()
        running = await start(endless)
        await finish(client, "verdict", 1)
    verdict = await judge(client, "verdict", [right, retried, wrong, twice, endless, never])
    assert verdict.runs == 6
    assert sorted(verdict.lost) == ["verdict-endless", "verdict-never"]
    assert sorted(verdict.wrong) == ["verdict-twice", "verdict-wrong"]
    assert verdict.retried == 3
    assert 0 < verdict.pause < 60
    # A run that nobody asked for is wrong too.
    assert "verdict-quick" in (await judge(client, "verdict", [retried])).wrong
    await running.terminate()


def test_the_plan_is_known_beforehand() -> None:
    errands = plan("x", 100, special="hoard")
    assert len({errand.workflow_id for errand in errands}) == 100
    assert [errand.kind for errand in errands].count("slow") == 10
    assert [errand.kind for errand in errands].count("hoard") == 2
    assert errands[5].result == "slow:5 done"
