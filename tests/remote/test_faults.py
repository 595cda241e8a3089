"""What can be wrong with a remote server and its settings: told in one line, the same by starter, worker and `--check`."""

import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from connection.variables import DEFAULTS
from proxy import DENIED_KEY, KEY, Remote
from support import program, starter, worker

CA = "TEMPORAL_TLS_SERVER_CA_CERT_PATH"
CERTIFICATE, CLIENT_KEY, KEY_FILE = "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_API_KEY_FILE"
ASKS_FOR_CERTIFICATE = "it asks for a client certificate; set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH"
STRANGE_CERTIFICATE = (
    "it does not accept the client certificate (UnknownCA); set TEMPORAL_TLS_CLIENT_CERT_PATH to one from a CA"
)


def same(here: Path, environment: Mapping[str, str], code: int, words: str) -> list[str]:
    """Run starter, worker and check; all say the same one line. Return the steps of the check, each as ``ok name``."""
    settings = {"WORKER_CONNECT_SECONDS": "1", "LOG_LEVEL": "ERROR", **environment}
    parts = (["starter", "--name", "x"], ["worker"], ["starter", "--check"])
    with ExitStack() as stack:
        running = [stack.enter_context(program(sys.executable, "-m", *part, environment=settings, cwd=here)) for part in parts]
        codes = [part.ends() for part in running]
        run, hosting, check = (part.output for part in running)
    assert codes == [code] * 3, run + hosting + check
    # On a busy machine the starter says now and then that it is still connecting.
    run = re.sub(r"^starter: Still connecting to .*\n", "", run)
    run, hosting = run.removeprefix("starter: "), re.sub(r"^(\S+ ERROR +)?worker: ", "", hosting)
    hosting = hosting.replace(". Gave up after 1 s\n", "\n")
    report = check.split("\n\n")[1].splitlines()
    failed = re.sub(r"^FAILED  .{10}  ", "", report[-1]) + "\n"
    assert run == hosting == failed
    assert run.count("\n") == 1
    assert words in run
    return [re.sub(r"  .*", "", re.sub(r" +", " ", line, count=1)) for line in report]


@pytest.mark.parametrize(
    ("settings", "changes", "step", "words"),
    [
        (("tls", "", ""), {CA: ""}, "TLS", "it speaks TLS and is called without; set TEMPORAL_TLS=true"),
        (("mtls of old", "", ""), {CA: ""}, "TLS", "it speaks TLS and is called without; set TEMPORAL_TLS=true"),
        (("tls", "", ""), {CA: "", "TEMPORAL_TLS": "true"}, "TLS", "from an unknown CA; set TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
        (("other name", "", ""), {}, "TLS", "for another host name; set TEMPORAL_TLS_SERVER_NAME to the one it is for"),
        (("expired", "", ""), {}, "TLS", "its certificate has expired; it must be renewed on the server"),
        (("not yet valid", "", ""), {}, "TLS", "its certificate is not valid yet; check the clocks of both machines"),
        (("mtls", "", ""), {}, "TLS", ASKS_FOR_CERTIFICATE),
        (("mtls of old", "", ""), {}, "TLS", ASKS_FOR_CERTIFICATE),
        (("mtls", "stranger", ""), {}, "TLS", STRANGE_CERTIFICATE),
        (("mtls of old", "stranger", ""), {}, "TLS", STRANGE_CERTIFICATE),
        (("mtls", "late", ""), {}, "TLS", "the client certificate has expired; set TEMPORAL_TLS_CLIENT_CERT_PATH to a new one"),
        (
            ("mtls", "client", ""),
            {CLIENT_KEY: "stranger.key"},
            "TLS",
            "the client certificate and its key do not belong together",
        ),
        (("mtls", "client", ""), {CERTIFICATE: "client.key"}, "TLS", "the client certificate or its key is no valid PEM"),
        (
            ("key", "", ""),
            {},
            "key",
            "it asks for an API key and none is set; put the key into a file and set TEMPORAL_API_KEY_FILE",
        ),
        (("key", "", "the-wrong-key-0000"), {}, "key", "it does not accept the API key; check TEMPORAL_API_KEY_FILE"),
        (("key", "", DENIED_KEY), {}, "key", "the API key or certificate is accepted but not permitted to do this"),
        (("tls", "", ""), {"TEMPORAL_NAMESPACE": "nowhere"}, "namespace", "no namespace 'nowhere'; check TEMPORAL_NAMESPACE"),
    ],
)
def test_what_the_server_refuses_is_2_and_the_same_words(
    here: Path, remote: Remote, settings: tuple[str, str, str], changes: dict[str, str], *, step: str, words: str
) -> None:
    site, client, key = settings
    environment = {**remote.settings(site, client=client, key=key), **changes}
    for name in (CLIENT_KEY, CERTIFICATE):
        if environment.get(name):
            environment[name] = str(remote.certificates.directory / environment[name])
    assert same(here, environment, 2, words)[-1] == f"FAILED {step}"


def test_tls_to_a_plaintext_server(here: Path, remote: Remote) -> None:
    environment = {**remote.plain.environment, "TEMPORAL_TLS": "true"}
    steps = same(here, environment, 2, "it does not speak TLS; for a plaintext server: TEMPORAL_TLS=false, and no API key")
    assert steps == ["ok name", "ok TCP", "FAILED TLS"]


@pytest.mark.parametrize(
    ("address", "last", "words"),
    [
        ("no-such-host.invalid:7233", ["FAILED name"], "the host name is unknown; check TEMPORAL_ADDRESS"),
        ("127.0.0.1:1", ["ok name", "FAILED TCP"], "nothing listens there; is the server started?"),
    ],
)
def test_a_server_out_of_reach_is_3(here: Path, address: str, last: list[str], words: str) -> None:
    assert same(here, {"TEMPORAL_ADDRESS": address}, 3, f"{address}: {words}") == last


@pytest.mark.parametrize(("tls", "step"), [("true", "TLS"), ("", "server")])
def test_a_peer_that_accepts_and_stays_silent_is_3(here: Path, tls: str, step: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        environment = {"TEMPORAL_ADDRESS": address, "TEMPORAL_TLS": tls}
        steps = same(here, environment, 3, f"{address}: no answer within 5 s; it is not reachable or hangs")
        assert steps[-1] == f"FAILED {step}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TEMPORAL_ADDRESS": "http://localhost:7233"}, "TEMPORAL_ADDRESS is 'http://localhost:7233': leave out http://"),
        ({"TEMPORAL_ADDRESS": "localhost"}, "TEMPORAL_ADDRESS is 'localhost': no port; write localhost:7233"),
        ({"TEMPORAL_ADDRESS": "local host:7233"}, "TEMPORAL_ADDRESS is 'local host:7233': write host:port, like"),
        ({"TEMPORAL_ADDRESS": " "}, "TEMPORAL_ADDRESS is not set: TEMPORAL_SERVER=remote needs the server's host:port"),
        ({KEY_FILE: "none"}, "TEMPORAL_API_KEY_FILE is 'none': there is no such file"),
        ({KEY_FILE: "/"}, "TEMPORAL_API_KEY_FILE is '/': that is a directory, not a file"),
        ({KEY_FILE: "empty"}, "TEMPORAL_API_KEY_FILE is 'empty': the file is empty"),
        ({KEY_FILE: "two-lines"}, "the file of TEMPORAL_API_KEY_FILE, 'two-lines', holds spaces or"),
        ({KEY_FILE: "key", "TEMPORAL_API_KEY": "hush"}, "TEMPORAL_API_KEY and TEMPORAL_API_KEY_FILE are both set: keep one"),
        ({CERTIFICATE: "pem"}, f"{CERTIFICATE} is set without {CLIENT_KEY}: a client certificate needs both"),
        ({CLIENT_KEY: "pem"}, f"{CLIENT_KEY} is set without {CERTIFICATE}: a client certificate needs both"),
        ({CERTIFICATE: "pem", CLIENT_KEY: "none"}, f"{CLIENT_KEY} is 'none': there is no such file"),
        ({CA: "key"}, f"{CA} is no PEM text: it must hold a -----BEGIN ...----- block"),
        ({"TEMPORAL_ADRESS": "x:1"}, "TEMPORAL_ADRESS is no variable of this stack; did you mean TEMPORAL_ADDRESS?"),
        (
            {"STACK_WITHHELD": "TEMPORAL_API_KEY"},
            "put it into a file under secrets/ and set TEMPORAL_API_KEY_FILE to that instead",
        ),
    ],
)
def test_a_bad_setting_is_2_and_named(here: Path, remote: Remote, changes: dict[str, str], words: str) -> None:
    for name, text in {"empty": " \n", "two-lines": "one\ntwo\n", "key": "hush", "pem": "-----BEGIN X-----\n"}.items():
        (here / name).write_text(text, encoding="ascii")
    same(here, {**remote.settings("tls"), **changes}, 2, words)


@pytest.mark.parametrize("name", [name for name in DEFAULTS if name.startswith("TEMPORAL_")])
def test_each_variable_misspelt_is_named(here: Path, remote: Remote, name: str) -> None:
    wrong = name[:-2] + name[-1]
    done = starter(here, {**remote.settings("tls"), wrong: "hush"}, "--name", "x")
    assert done.stderr == f"starter: {wrong} is no variable of this stack; did you mean {name}? Rename or remove it\n"


@pytest.mark.parametrize("blank", ["", " ", "\t \n"])
def test_empty_and_blank_variables_are_unset_ones(here: Path, remote: Remote, blank: str) -> None:
    environment = {**dict.fromkeys(DEFAULTS, blank), **remote.plain.environment, "TEMPORAL_TASK_QUEUE": " blank "}
    with worker(here, environment):
        assert starter(here, environment, "--name", "Ada").stdout == "Result: Hello, Ada!\n"


@pytest.mark.parametrize(("site", "client", "key"), [("tls", "", ""), ("mtls", "client", ""), ("key", "", KEY)])
def test_stray_spaces_and_line_breaks_do_no_harm(here: Path, remote: Remote, site: str, client: str, key: str) -> None:
    settings = {**remote.settings(site, client=client, key=key), "TEMPORAL_NAMESPACE": "default", "TEMPORAL_TASK_QUEUE": site}
    environment = {name: f" {value}\t\n" for name, value in settings.items()}
    with worker(here, environment):
        assert starter(here, environment, "--name", "Ada").stdout == "Result: Hello, Ada!\n"
        done = starter(here, environment, "--check")
    assert done.returncode == 0, done.stdout
    assert (
        "ok      TLS         TLSv1.3, certificate for localhost, 127.0.0.1, host.docker.internal, signed by Server CA, until 20"
        in done.stdout
    )
    assert re.search(r"^ok      server      Temporal \d+\.\d+", done.stdout, re.MULTILINE)
    assert ("ok      key         accepted" in done.stdout) == bool(key)
    assert KEY not in done.stdout + done.stderr


def test_the_name_in_the_certificate_may_be_told(here: Path, remote: Remote) -> None:
    environment = {**remote.settings("other name"), "TEMPORAL_TLS_SERVER_NAME": "temporal.example"}
    done = starter(here, environment, "--check")
    assert "certificate for temporal.example, signed by Server CA" in done.stdout
    assert done.stdout.endswith(
        "No worker polls task queue 'my-task-queue' in namespace 'default': start one, or mend its TEMPORAL_TASK_QUEUE\n"
    )
    assert done.returncode == 4


def test_check_says_where_each_value_came_from(here: Path, remote: Remote) -> None:
    (here / "api-key").write_text(KEY, encoding="ascii")
    (here / ".env").write_text(
        "TEMPORAL_API_KEY_FILE=api-key\nTEMPORAL_NAMESPACE=of-dotenv\nLOG_LEVEL=ERROR\n", encoding="ascii"
    )
    (here / "deeper").mkdir()
    secrets = {"TEMPORAL_GRPC_META_AUTHORIZATION": "hush", "TEMPORAL_TLS_CLIENT_KEY_DATA": "-----BEGIN hush"}
    environment = {**remote.settings("tls"), "TEMPORAL_NAMESPACE": "of-environment", **secrets}
    lines = starter(here / "deeper", environment, "--check").stdout.splitlines()
    found = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("TEMPORAL_", "LOG_"))}
    assert found["TEMPORAL_NAMESPACE"] == ["of-environment", "environment"]
    assert found["LOG_LEVEL"] == ["ERROR", str(here / ".env")]
    assert found["LOG_FORMAT"] == ["text", "default"]
    assert found["TEMPORAL_API_KEY_FILE"] == [str(here / "api-key"), str(here / ".env")]  # relative to .env, as for Compose
    assert found["TEMPORAL_GRPC_META_AUTHORIZATION"] == found["TEMPORAL_TLS_CLIENT_KEY_DATA"] == ["set", "environment"]
    assert found["TEMPORAL_API_KEY"] == ["-", "default"]
    assert set(found) >= {name for name in DEFAULTS if name.startswith("TEMPORAL_")}


def test_the_commands_of_the_docs_for_the_host_read_the_same_env(here: Path, remote: Remote) -> None:
    (here / "secrets").mkdir()
    settings = {
        name: Path(value).name if value.startswith("/") else value for name, value in remote.settings("key", key=KEY).items()
    }
    for name, value in settings.items():
        if name.endswith(("_PATH", "_FILE")):
            (here / "secrets" / value).write_bytes((remote.certificates.directory / value).read_bytes())
            settings[name] = f"secrets/{value}"
    (here / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="ascii")
    with worker(here, {}):
        done = subprocess.run(
            [sys.executable, "-m", "starter", "--name", "Ada"], cwd=here, env={}, capture_output=True, text=True, check=True
        )
        assert done.stdout == "Result: Hello, Ada!\n"
