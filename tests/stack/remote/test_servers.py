"""Every row of the table in docs/servers.md, with the same images: worker and starter in containers, the server elsewhere."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from elsewhere import Elsewhere
from proxy import KEY, Certificates, Site, proxy
from support import ROOT, wait_until

DOCS = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
ROWS = {
    name: dict(re.findall(r"`([A-Z_]+)=([^`]*)`", cell))
    for name, cell in re.findall(r"^\| ([^|]+?) \| (`TEMPORAL_SERVER[^|]*) \|$", DOCS, re.MULTILINE)
}
# Who stands in for each row's server; only the address is changed. The hosted service is the proxy asking for the same.
STANDS_IN = {
    "The dev server of this stack": "own",
    "A dev server on this machine": "plain",
    "TLS, with a private CA": "tls",
    "Mutual TLS": "mtls",
    "An API key, with a private CA": "key",
    "A hosted namespace, by API key": "key",
    "A hosted namespace, by certificate": "mtls",
}
# A hosted service has a certificate from a public CA: the proxy's becomes one for the containers' trust store.
PUBLIC = """\
services:
  worker: &trusting
    environment: {SSL_CERT_FILE: /etc/public-ca.pem}
    volumes: [./secrets/server-ca.pem:/etc/public-ca.pem:ro]
  starter: *trusting
"""


@pytest.fixture
def tidy(elsewhere: Elsewhere) -> Iterator[Elsewhere]:
    """Without containers, before and after."""
    (elsewhere.stack.path / "public.yml").write_text(PUBLIC, encoding="ascii")
    elsewhere.restore()
    yield elsewhere
    elsewhere.stack.compose("down", "--remove-orphans", "--timeout", "5")


def test_every_row_has_its_stand_in() -> None:
    assert list(ROWS) == list(STANDS_IN)


@pytest.mark.parametrize("row", list(ROWS))
def test_a_row_of_the_table_is_all_it_takes(tidy: Elsewhere, row: str) -> None:
    stack, settings = tidy.stack, dict(ROWS[row])
    if row.startswith("A hosted"):
        settings["COMPOSE_FILE"] = "docker-compose.yml:public.yml"
    tidy.configure(STANDS_IN[row], **settings)
    done = stack.run("make", "up")
    assert "Result: Hello, Temporal!" in done.stdout.splitlines()
    own = STANDS_IN[row] == "own"
    ui = settings.get("TEMPORAL_UI_URL", f"http://localhost:{stack.ui_port}" if own else None)
    namespace = settings.get("TEMPORAL_NAMESPACE", "default")
    if ui:
        assert f"Web UI  {ui}\n" in done.stdout
        assert f"starter: Run {ui}/namespaces/{namespace}/workflows/say-hello-" in done.stderr
    else:
        assert "http" not in done.stdout + done.stderr
    assert tidy.running() == ({"worker", "server"} if own else {"worker"})
    images = tidy.image_ids()
    assert {name: tidy.images.setdefault(name, id_) for name, id_ in images.items()} == images  # the same, unchanged
    report = stack.run("make", "doctor", LOG_FORMAT="json").stdout
    assert re.findall(r"^(\w+) +([\w ]+?)  ", report.split("\n\n")[1], re.MULTILINE) == [
        ("ok", step) for step in ("name", "TCP", "TLS", "server", "key", "namespace", "task queue")
    ]
    source = {line.split()[0]: line.split()[1:] for line in report.split("\n\n")[0].splitlines()}
    assert source["LOG_FORMAT"] == ["json", "environment"]
    assert source["LOG_LEVEL"] == ["INFO", "default"]
    assert source["TEMPORAL_ADDRESS"] == (["server:7233", "the", "stack"] if own else [source["TEMPORAL_ADDRESS"][0], ".env"])
    for name in settings:
        if name.startswith("TEMPORAL_"):
            assert source[name][-1] == ".env"
    assert ("certificate for localhost, 127.0.0.1, host.docker.internal" in report) == (STANDS_IN[row] not in ("own", "plain"))


def test_plain_compose_up_starts_no_server_and_prints_the_result(tidy: Elsewhere) -> None:
    tidy.configure("tls", **ROWS["TLS, with a private CA"])
    up = tidy.stack.begin("docker", "compose", "up")
    try:
        up.says(r"Result: Hello, Temporal!")
        assert tidy.running() <= {"worker", "starter"}
        up.signal(signal.SIGINT)
        up.ends()
    finally:
        up.kill()
    assert "server-1" not in up.output


def test_a_server_that_is_away_is_told_by_the_starter_at_once(tidy: Elsewhere) -> None:
    tidy.configure("plain")
    tidy.stack.set(TEMPORAL_ADDRESS="host.docker.internal:1")
    for arguments in (["--check"], []):  # with its dependency, the worker, which waits for the server
        done = tidy.stack.compose("run", "--rm", "starter", *arguments, check=False)
        assert done.returncode == 3
        assert "host.docker.internal:1: nothing listens there; is the server started?" in done.stdout + done.stderr


def test_a_new_key_and_certificate_are_picked_up_by_a_restart(tidy: Elsewhere, tmp_path: Path) -> None:
    stack, made = tidy.stack, tidy.certificates
    certificate = made.directory / "good.pem", made.directory / "good.key"
    site = Site((str(certificate[0]), str(certificate[1])), clients_ca=made.clients_ca, keys=(KEY,))
    tidy.sites["rotating"] = site
    with proxy(tmp_path, tidy.plain.address, [site], listen=tidy.listen):
        tidy.configure("rotating", **ROWS["Mutual TLS"], TEMPORAL_API_KEY_FILE="secrets/api-key", WORKER_CONNECT_SECONDS="60")
        stack.compose("up", "--detach", "--wait", "worker")
        (before,) = stack.containers("worker")
    # From here on the server knows a new key and a new CA for clients, and no old one.
    renewed = Certificates(tmp_path)
    site.clients_ca, site.keys = renewed.clients_ca, ("the-next-key-9d2e",)
    with proxy(tmp_path, tidy.plain.address, [site], listen=tidy.listen):
        refused = stack.compose("run", "--rm", "--no-deps", "starter", check=False)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "it does not accept the client certificate (UnknownCA)" in refused.stderr
        new = renewed.issue("client", renewed.clients, "worker@client")
        for name, path in zip(("client.pem", "client.key"), new, strict=True):
            tidy.give(name, Path(path).read_text(encoding="ascii"))
        refused = stack.compose("run", "--rm", "--no-deps", "starter", check=False)
        assert "it does not accept the API key" in refused.stderr
        tidy.give("api-key", "the-next-key-9d2e\n")
        stack.compose("restart", "worker")
        wait_until("the worker is well again", lambda: stack.health("worker") == "healthy")
        assert stack.compose("run", "--rm", "starter", "--name", "Ada").stdout == "Result: Hello, Ada!\n"
        (after,) = stack.containers("worker")
        assert (after["Id"], after["Image"]) == (before["Id"], before["Image"])
