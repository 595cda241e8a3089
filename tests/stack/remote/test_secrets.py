"""Secrets reach worker and starter, and nothing else knows them: not the engine, not Compose, no log, no list of processes."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from elsewhere import Elsewhere
from proxy import KEY

BOTH = {
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH": "secrets/server-ca.pem",
    "TEMPORAL_TLS_CLIENT_CERT_PATH": "secrets/client.pem",
    "TEMPORAL_TLS_CLIENT_KEY_PATH": "secrets/client.key",
    "TEMPORAL_API_KEY_FILE": "secrets/api-key",
}
WRONG_KEY = "a-wrong-key-5c5c"


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """Collect the command lines of all processes of the machine, containers included, for the length of the block."""
    seen: set[str] = set()
    done = threading.Event()

    def collect() -> None:
        while not done.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):  # and no further: a glob that looks into one may find it gone
                try:
                    seen.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:  # it has ended
                    continue

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        yield seen
    finally:
        done.set()
        collector.join()


def known(elsewhere: Elsewhere) -> dict[str, str]:
    """Return all that the engine, Compose and the logs tell of the stack, by the command that tells it."""
    stack = elsewhere.stack
    label = f"label=com.docker.compose.project={stack.name}"
    containers = stack.run("docker", "ps", "--all", "--quiet", "--filter", label).stdout.split()
    images = [f"{stack.name}-worker", f"{stack.name}-starter"]
    commands = [
        ["docker", "inspect", *containers],
        ["docker", "inspect", *images],
        *(["docker", "history", "--no-trunc", image] for image in images),
        *(["docker", "diff", container] for container in containers),
        *(["docker", "logs", container] for container in containers),
        ["docker", "compose", "logs"],
        ["docker", "compose", "config"],
        ["docker", "compose", "config", "--format", "json"],
        ["docker", "network", "inspect", f"{stack.name}_default"],
        ["docker", "events", "--since", "10m", "--until", "0s", "--filter", label],
        ["docker", "compose", "exec", "worker", "env"],
        ["docker", "compose", "exec", "worker", "sh", "-c", "cat /proc/1/cmdline /proc/1/environ"],
        ["docker", "compose", "exec", "worker", "sh", "-c", "cat /tmp/*"],
    ]
    found = {}
    for command in commands:
        done = stack.run(*command)
        found[" ".join(command)] = done.stdout + done.stderr
        assert found[" ".join(command)] or "diff" in command, f"{command} tells nothing"
    return found


def leaks(places: dict[str, str], secrets: list[str]) -> list[str]:
    return [place for place, text in places.items() if any(secret in text for secret in secrets)]


@pytest.fixture
def tidy(elsewhere: Elsewhere) -> Iterator[Elsewhere]:
    yield elsewhere
    elsewhere.restore()
    elsewhere.stack.compose("down", "--remove-orphans", "--timeout", "5")


def test_nothing_tells_a_secret(tidy: Elsewhere) -> None:
    stack = tidy.stack
    # What may be inspected, as docs/servers.md says, shows that this search would find what it looks for.
    planted = "an-inspectable-header-8e8e"
    tidy.configure("both", **BOTH, LOG_LEVEL="DEBUG", TEMPORAL_GRPC_META_PLANTED=planted)
    key_lines = (tidy.secrets / "client.key").read_text(encoding="ascii").splitlines()[1:-1]
    secrets = [KEY, WRONG_KEY, *key_lines]
    with command_lines() as seen:
        said = {"up": stack.run("make", "up"), "doctor": stack.run("make", "doctor"), "hello": stack.run("make", "hello")}
        said["kept"] = stack.compose("run", "starter", "--json")
        tidy.give("api-key", f"{WRONG_KEY}\n")
        said["refused"] = stack.compose("run", "--no-deps", "starter", check=False)
        said["examined"] = stack.run("make", "doctor", check=False)
        tidy.give("client.key", "-----BEGIN PRIVATE KEY-----\n" + "\n".join(key_lines[1:]) + "\n-----END PRIVATE KEY-----\n")
        said["unreadable"] = stack.compose("run", "--no-deps", "starter", check=False)
    assert "it does not accept the API key" in said["refused"].stderr
    assert "the client certificate or its key is no valid PEM" in said["unreadable"].stderr
    assert all(said[name].returncode == 0 for name in ("up", "doctor", "hello", "kept"))
    places = known(tidy) | {name: done.stdout + done.stderr for name, done in said.items()} | {"processes": "\n".join(seen)}
    assert leaks(places, secrets) == []
    assert {"docker compose config", "docker compose exec worker env"} <= set(leaks(places, [planted]))
    assert "python -m starter" in places["processes"]


@pytest.mark.parametrize("where", [".env", "environment"])
@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("TEMPORAL_API_KEY", "a-key-in-the-open", "TEMPORAL_API_KEY_FILE"),
        ("TEMPORAL_TLS_CLIENT_KEY_DATA", "-----BEGIN a-key-in-the-open", "TEMPORAL_TLS_CLIENT_KEY_PATH"),
    ],
)
def test_a_secret_in_the_open_is_withheld_and_refused(tidy: Elsewhere, where: str, name: str, value: str, instead: str) -> None:
    stack, compose = tidy.stack, ["docker", "compose"]
    tidy.configure("tls", TEMPORAL_TLS_SERVER_CA_CERT_PATH="secrets/server-ca.pem")
    if where == ".env":
        stack.set(**{name: value})
    else:
        compose = ["env", f"{name}={value}", *compose]
    run = [*compose, "run", "--no-deps", "starter"]
    for command in (run, [*run, "--check"]):
        done = stack.run(*command, check=False)
        assert done.returncode == 2
        assert f"{name} is set, and docker inspect would show it: put it into a file" in done.stdout + done.stderr
        assert f"set {instead} to that instead" in done.stdout + done.stderr
    label = f"label=com.docker.compose.project={stack.name}"
    containers = stack.run("docker", "ps", "--all", "--quiet", "--filter", label).stdout.split()
    inspected = stack.run("docker", "inspect", *containers).stdout
    assert f"STACK_WITHHELD={name}" in inspected.replace("STACK_WITHHELD= ", "STACK_WITHHELD=")
    assert "a-key-in-the-open" not in inspected + stack.run(*compose, "config").stdout


def test_a_configuration_file_reaches_the_containers_too(tidy: Elsewhere) -> None:
    tidy.give("temporal.toml", f'[profile.default]\napi_key = "{KEY}"\n')
    settings = {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "secrets/server-ca.pem", "TEMPORAL_CONFIG_FILE": "secrets/temporal.toml"}
    tidy.configure("key", **settings)
    report = tidy.stack.run("docker", "compose", "run", "--rm", "--no-deps", "starter", "--check", check=False).stdout
    assert "ok      key         accepted" in report
    assert KEY not in report


def test_a_key_file_that_the_containers_may_not_read_is_said_with_the_mend(tidy: Elsewhere) -> None:
    tidy.configure("both", **BOTH)
    tidy.give("api-key", KEY, mode=0o400)
    words = "TEMPORAL_API_KEY_FILE is '/run/secrets/api-key': user 10001 may not read it; chmod 444 it, in a folder of mode 700"
    assert words in tidy.stack.run("make", "doctor", check=False).stdout
    refused = tidy.stack.compose("run", "--rm", "--no-deps", "starter", check=False)
    assert refused.stderr.strip() == f"starter: {words}"
    assert f"settings: {words}\n" in tidy.stack.run("make", "up", check=False).stderr


def test_a_key_file_that_is_missing_is_said_before_anything_is_built(tidy: Elsewhere) -> None:
    tidy.configure("both", **{**BOTH, "TEMPORAL_API_KEY_FILE": "secrets/nope"})
    done = tidy.stack.run("make", "up", check=False)
    assert done.stderr.splitlines()[0] == "make up: TEMPORAL_API_KEY_FILE is 'secrets/nope': there is no such file"
    assert done.returncode
    assert done.stdout == ""


def test_the_secrets_folder_is_not_for_git(tidy: Elsewhere) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tidy.stack.path, check=True)
    command = ["git", "status", "--porcelain", "--untracked-files=all"]
    listed = subprocess.run(command, cwd=tidy.stack.path, capture_output=True, check=True)
    assert b"docker-compose.yml" in listed.stdout
    assert b"secrets/" not in listed.stdout
