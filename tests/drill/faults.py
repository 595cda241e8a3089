"""The faults. Each is made and ended by its function, which returns when it ended (monotonic seconds) and a word on it."""

import time
from time import monotonic

from checkout import Stack
from support import wait_until

WORKERS = 3
# Longer than the 8 s after which the server has an activity tried again, and the 10 s for a workflow task.
CUT_SECONDS = 30
PAUSE_SECONDS = 30
STALL_SECONDS = 10
Ended = tuple[float, str]


def healthy(stack: Stack) -> bool:
    """Tell whether the server and all workers are healthy."""
    label = f"label=com.docker.compose.project={stack.name}"
    ids = stack.run("docker", "ps", "--quiet", "--filter", label, "--filter", "health=healthy").stdout.split()
    return len(ids) == WORKERS + 1


def kill(stack: Stack, service: str, *indices: int) -> float:
    """Send SIGKILL to containers of ``service`` at once; return when, once the engine has started them again.

    Not by `docker kill`: what is killed like that the engine takes for stopped on purpose, and does not start again.
    """
    before = [stack.containers(service)[index] for index in indices]
    pids = " ".join(str(container["State"]["Pid"]) for container in before)
    isolation = ("--pid=host", "--network=none", "--user=0", "--entrypoint=sh")
    stack.run("docker", "run", "--rm", *isolation, before[0]["Image"], "-c", f"kill -9 {pids}")
    killed = monotonic()

    def again() -> bool:
        now = stack.inspect(*(container["Id"] for container in before))
        return all(n["State"]["Running"] and n["RestartCount"] > b["RestartCount"] for n, b in zip(now, before, strict=True))

    wait_until(f"{service} is started again", again)
    return killed


def kill_workers_in_turn(stack: Stack, times: int = 6) -> Ended:
    for turn in range(times):
        ended = kill(stack, "worker", turn % WORKERS)
        time.sleep(2)  # "every few seconds" is the drill
    return ended, f"{times} kills"


def kill_all_workers(stack: Stack) -> Ended:
    return kill(stack, "worker", *range(WORKERS)), f"{WORKERS} kills at once"


def replace_workers(stack: Stack) -> Ended:
    """Roll out a new image, one worker after the other."""
    before = {container["Id"] for container in stack.containers("worker")}
    with (stack.path / "services" / "greeting" / "__init__.py").open("a") as source:
        source.write(f"\n# new at {monotonic()}\n")
    stack.compose("build", "worker")
    stack.compose("up", "--detach", "--no-deps", "worker", COMPOSE_PARALLEL_LIMIT="1")
    ended = monotonic()
    after = {container["Id"] for container in stack.containers("worker")}
    assert len(after) == WORKERS
    assert not before & after, "not all workers were replaced"
    return ended, "new image, one after the other"


def stop_server(stack: Stack) -> Ended:
    stack.compose("stop", "server")
    stack.compose("start", "server")
    return monotonic(), "stopped, started"


def kill_server(stack: Stack) -> Ended:
    return kill(stack, "server", 0), "killed"


def cut_off_worker(stack: Stack) -> Ended:
    """Take one worker off the network for longer than the server waits for it."""
    network, worker = f"{stack.name}_default", stack.containers("worker")[0]["Id"]
    stack.run("docker", "network", "disconnect", network, worker)
    time.sleep(CUT_SECONDS)  # the length of the cut is the drill
    stack.run("docker", "network", "connect", network, worker)
    return monotonic(), f"cut off for {CUT_SECONDS} s"


def pause_server(stack: Stack) -> Ended:
    stack.compose("pause", "server")
    time.sleep(PAUSE_SECONDS)  # the length of the pause is the drill
    stack.compose("unpause", "server")
    return monotonic(), f"paused for {PAUSE_SECONDS} s"


def fill_disk(stack: Stack) -> Ended:
    """Leave the server no room on its disk until its health says so, and then some; the disk is a small one in memory."""
    volume, ballast = f"{stack.name}_history", f"{stack.name}-ballast"
    image = stack.containers("worker")[0]["Image"]
    mounted = ("--volume", f"{volume}:/disk", "--user=1000", "--network=none", "--entrypoint=sleep")
    stack.run("docker", "run", "--rm", "--detach", "--name", ballast, *mounted, image, "infinity")
    try:
        filled = monotonic()
        stack.run("docker", "exec", ballast, "dd", "if=/dev/zero", "of=/disk/ballast", "bs=64k", check=False)
        server = stack.containers("server")[0]["Id"]
        wait_until("the server is unhealthy", lambda: stack.inspect(server)[0]["State"]["Health"]["Status"] == "unhealthy")
        found = monotonic() - filled
        assert "history.db is full" in stack.compose("logs", "server").stdout
        time.sleep(5)  # some load on a full disk is the drill
        stack.run("docker", "exec", ballast, "rm", "/disk/ballast")
        ended = monotonic()
    finally:
        stack.run("docker", "rm", "--force", ballast)
    return ended, f"unhealthy after {found:.0f} s, {ended - filled:.0f} s full"


def replaced_by_itself(stack: Stack) -> Ended:
    """Wait until a worker has ended by the errands given to it and the engine has started it again."""
    ids = [container["Id"] for container in stack.containers("worker")]

    def restarts() -> int:
        return sum(int(container["RestartCount"]) for container in stack.inspect(*ids))

    before = restarts()
    wait_until("a worker was started again", lambda: restarts() > before, 90)
    return monotonic(), ""


def run_out_of_memory(stack: Stack) -> Ended:
    ended, _ = replaced_by_itself(stack)
    return ended, "killed by its memory limit"


def block_event_loop(stack: Stack) -> Ended:
    ended, _ = replaced_by_itself(stack)
    return ended, f"ended by its watchdog after {STALL_SECONDS} s"
