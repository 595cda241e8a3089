"""`make` on a machine without Docker, in a fresh clone."""

import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from checkout import Checkout
from support import BARE, free_port, wait_until


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A clone on a machine whose PATH has no docker."""
    checkout = Checkout(tmp_path_factory.mktemp("clone"))
    programs = checkout.path / ".programs"
    programs.mkdir()
    for name in os.listdir("/usr/bin"):  # noqa: PTH208
        if not name.startswith("docker"):
            (programs / name).symlink_to(f"/usr/bin/{name}")
    python = shutil.which("python3", path=os.environ["PATH"].replace(str(Path(BARE["PATH"].split(":")[0])), ""))
    assert python
    (programs / "python3").unlink(missing_ok=True)
    (programs / "python3").symlink_to(python)
    checkout.set(SERVER_PORT=free_port(), UI_PORT=free_port())
    checkout.run("make", "demo", PATH=str(programs))
    return checkout


def make(clone: Checkout, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    return clone.run("make", *arguments, check=check, PATH=str(clone.path / ".programs"), **environment)


def processes_of(clone: Checkout) -> dict[int, str]:
    """Return what runs in the clone's directory: the command lines by process id."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == clone.path:
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return {pid: line for pid, line in found.items() if line}


def server_of(clone: Checkout) -> int | None:
    """Return the process id of the dev server that runs in the clone's directory."""
    return next((pid for pid, line in processes_of(clone).items() if line.startswith("temporal server start-dev")), None)


def test_make_alone_lists_the_targets(clone: Checkout) -> None:
    printed = make(clone).stdout
    for target in ("up", "down", "demo", "local", "hello", "load", "bench", "logs", "ps", "test", "lint", "clean"):
        assert len(re.findall(rf"^  make {target} +\S", printed, re.MULTILINE)) == 1


def test_demo_prints_one_result_and_leaves_nothing_running(clone: Checkout) -> None:
    name = 'O\'Brien "$HOME" $(x) `y`'
    done = make(clone, "demo", f"NAME={name}")
    assert done.stdout == f"Result: Hello, {name}!\n"
    assert processes_of(clone) == {}


def test_demo_takes_no_settings_of_another_server(clone: Checkout) -> None:
    elsewhere = {
        "TEMPORAL_SERVER": "remote",
        "TEMPORAL_ADDRESS": "elsewhere.invalid:1",
        "TEMPORAL_TLS": "true",
        "TEMPORAL_API_KEY": "x",
        "TEMPORAL_NAMESPACE": "mine",
    }
    assert make(clone, "demo", check=True, **elsewhere).stdout == "Result: Hello, Temporal!\n"


def test_a_name_in_the_environment_is_not_taken_for_the_name_to_greet(clone: Checkout) -> None:
    assert make(clone, "demo", NAME="LAPTOP-42").stdout == "Result: Hello, Temporal!\n"  # WSL sets NAME


def test_up_without_docker_names_demo(clone: Checkout) -> None:
    done = make(clone, "up", check=False)
    first = done.stderr.splitlines()[0]
    assert first == (
        "make up: there is no docker here. Install Docker Engine 25 or newer with Compose, or do without: make demo"
    )


def test_hello_with_nothing_up_says_so(clone: Checkout) -> None:
    done = make(clone, "hello", check=False)
    assert "nothing listens there; is the server started?" in done.stderr


def test_local_serves_hello_until_ctrl_c_and_keeps_its_history(clone: Checkout) -> None:
    path = str(clone.path / ".programs")
    environment = {"PATH": path, "TEMPORAL_ADDRESS": ""}
    runs = []
    for _ in range(2):
        local = clone.begin("make", "local", **environment)
        local.says("worker.health: Healthy")
        local.says(r"Web UI   http://localhost:\d+")
        assert make(clone, "hello", "NAME=Ada").stdout == "Result: Hello, Ada!\n"
        again = make(clone, "local", check=False)
        assert "is taken: is the stack up already? Stop that, or set SERVER_PORT in .env" in again.stderr
        command = (".venv/bin/python", "-m", "starter", "--name", "x", "--workflow-id", "kept", "--json")
        runs.append(clone.run(*command).stdout)
        os.killpg(local.process.pid, signal.SIGINT)  # what a terminal does at Ctrl-C
        local.ends()
        assert "Drained" in local.output
        assert "Traceback" not in local.output
        wait_until("nothing runs", lambda: processes_of(clone) == {})
    assert runs[0] == runs[1]


def test_hello_beside_local_goes_there_whatever_dotenv_says(clone: Checkout) -> None:
    local = clone.begin("make", "local", PATH=str(clone.path / ".programs"))
    local.says("worker.health: Healthy")
    elsewhere = {"TEMPORAL_SERVER": "remote", "TEMPORAL_ADDRESS": "elsewhere.invalid:1", "TEMPORAL_TLS": "true"}
    assert make(clone, "hello", check=True, **elsewhere).stdout == "Result: Hello, Temporal!\n"
    os.killpg(local.process.pid, signal.SIGINT)
    local.ends()


def test_local_ends_when_its_server_dies(clone: Checkout) -> None:
    local = clone.begin("make", "local", PATH=str(clone.path / ".programs"))
    local.says("worker.health: Healthy")
    server = server_of(clone)
    assert server
    os.kill(server, signal.SIGKILL)
    assert local.ends()
    assert "embedded: the server ended by itself" in local.output
    assert processes_of(clone) == {}


def test_a_killed_local_takes_its_processes_along(clone: Checkout) -> None:
    local = clone.begin("make", "local", PATH=str(clone.path / ".programs"))
    local.says("worker.health: Healthy")
    (parent,) = (
        pid for pid, line in processes_of(clone).items() if "-m embedded local" in line and "python" in line.split()[0]
    )
    os.kill(parent, signal.SIGKILL)
    local.ends()
    wait_until("nothing runs", lambda: processes_of(clone) == {})


def test_a_virtual_environment_whose_python_is_gone_is_made_anew(clone: Checkout) -> None:
    for python in (clone.path / ".venv" / "bin").glob("python*"):
        python.unlink()
    assert make(clone, "demo").stdout == "Result: Hello, Temporal!\n"


def test_local_with_a_taken_port_says_which_setting(clone: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = make(clone, "local", check=False, UI_PORT=port)
    assert f"embedded: port {port} is taken: is the stack up already? Stop that, or set UI_PORT in .env" in done.stderr
    assert processes_of(clone) == {}


def test_interrupted_while_it_starts_it_is_quiet(clone: Checkout) -> None:
    package = clone.path / "slow" / "asyncio"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(30)\n", encoding="utf-8")
    demo = clone.begin(".venv/bin/python", "-m", "embedded", "demo", PYTHONPATH=str(clone.path / "slow"))
    demo.says("importing")
    demo.signal(signal.SIGINT)
    assert (demo.ends(), demo.output) == (130, "importing\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_demo_leaves_nothing_running(clone: Checkout, number: signal.Signals) -> None:
    command = (".venv/bin/python", "-m", "embedded", "demo", "--name=x")
    demo = clone.begin(*command, TEMPORAL_TASK_QUEUE="q")
    wait_until("its server runs", lambda: server_of(clone) is not None)
    demo.signal(number)
    assert demo.ends() in (0, 128 + number)
    assert processes_of(clone) == {}
