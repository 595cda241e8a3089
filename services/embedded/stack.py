"""`demo` and `local`: the dev server, the worker and the starter, put together."""

import asyncio
import os
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from connection.client import connect_patiently
from connection.faults import Fault
from connection.logs import configure
from connection.settings import Settings
from embedded.process import EmbeddedError, running

START = Path(__file__).parent.parent / "server" / "start"
STATE = Path(".local")
# The children's environment: this server, whatever the caller or .env say of another one.
OWN_SERVER = {
    "TEMPORAL_SERVER": "dev",
    "TEMPORAL_TLS": "false",
    "TEMPORAL_API_KEY": "",
    "TEMPORAL_API_KEY_FILE": "",
    "TEMPORAL_CONFIG_FILE": "",
    "TEMPORAL_PROFILE": "",
    # The dev server's program is in the virtual environment, beside its Python.
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
}
SERVER_PATIENCE = 15.0


async def demo(settings: Settings, arguments: list[str]) -> int:
    """Run the starter with ``arguments`` on a stack of its own, in memory, on free ports; return the starter's exit code."""
    port, http, metrics = free_ports(3)
    options = [":memory:", f"--port={port}", "--headless", f"--http-port={http}", f"--metrics-port={metrics}"]
    # There will be no Web UI to follow a link to, and only the starter is to be heard.
    environment = {**OWN_SERVER, "TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_UI_URL": "off", "LOG_LEVEL": "WARNING"}
    with tempfile.TemporaryDirectory(prefix="temporal-demo-") as directory:
        command = (sys.executable, "-m", "starter", *arguments)
        async with (
            server(settings, options, port, environment, Path(directory, "server.log")),
            worker(settings, environment),
            running(*command, environment=environment, patience=0) as starter,
        ):
            return await starter.wait()


async def local(settings: Settings) -> int:
    """Keep server, Web UI and worker until cancelled, with the history in `.local/`; raise EmbeddedError when one ends."""
    port, ui_port = settings.server_port, settings.ui_port
    pid, told = STATE / "pid", STATE / "environment"
    for name, number in (("SERVER_PORT", port), ("UI_PORT", ui_port)):
        if not is_free(number):
            raise EmbeddedError(f"port {number} is taken: is the stack up already? Stop that, or set {name} in .env")
    STATE.mkdir(exist_ok=True)
    pid.write_text(str(os.getpid()), encoding="ascii")
    try:
        (metrics,) = free_ports(1)
        options = [str(STATE / "history.db"), f"--port={port}", f"--ui-port={ui_port}", f"--metrics-port={metrics}"]
        environment = {**OWN_SERVER, "TEMPORAL_ADDRESS": f"localhost:{port}"}
        # For compose/host: what `make hello` starts is meant for this server, whatever .env says.
        told.write_text("".join(f"{name}={value}\n" for name, value in environment.items() if name != "PATH"), encoding="utf-8")
        async with server(settings, options, port, environment, STATE / "server.log") as serving:
            say(f"Server   localhost:{port}, its log and history in {STATE}/")
            say(f"Web UI   http://localhost:{ui_port}")
            say("Next     make hello NAME=Ada, in another terminal; Ctrl-C here ends it all")
            async with worker(settings, environment) as working:
                ends = {asyncio.ensure_future(serving.wait()), asyncio.ensure_future(working.wait())}
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                ended = "server" if serving.returncode is not None else "worker"
                raise EmbeddedError(f"the {ended} ended by itself; its last words are above or in {STATE}/server.log")
    finally:
        pid.unlink(missing_ok=True)
        told.unlink(missing_ok=True)


def say(line: str) -> None:
    """Write ``line`` to standard output at once, also when it is a pipe."""
    print(line, flush=True)


@asynccontextmanager
async def server(
    settings: Settings, options: list[str], port: int, environment: dict[str, str], log: Path
) -> AsyncIterator[Process]:
    """Run the dev server with ``options`` on 127.0.0.1; enter the block when it answers."""
    command = (str(START), *options, "--ip=127.0.0.1", f"--namespace={settings.namespace}")
    environment = {**environment, "SERVER_RETENTION": settings.retention}
    async with running(*command, environment=environment, patience=SERVER_PATIENCE, log=log) as process:
        address = f"127.0.0.1:{port}"
        here = replace(settings, address=address, connect={"target_host": address, "namespace": settings.namespace})
        ready = asyncio.ensure_future(connect_patiently(here, configure("ERROR", "text"), lambda _: None))
        ended = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise EmbeddedError("the server ended: " + (words[-1].removeprefix("server: ") if words else "it said nothing"))
            ready.result()
        except Fault as fault:
            raise EmbeddedError(str(fault)) from None
        finally:
            ready.cancel()
            ended.cancel()
        yield process


@asynccontextmanager
async def worker(settings: Settings, environment: dict[str, str]) -> AsyncIterator[Process]:
    """Run the worker; it is given its grace to drain."""
    command = (sys.executable, "-m", "worker")
    async with running(*command, environment=environment, patience=settings.grace_seconds + 10) as process:
        yield process


def is_free(port: int) -> bool:
    """Tell whether ``port`` can be listened on at 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return ``count`` ports that nobody listens on."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
