"""A real TLS proxy, Caddy, in front of a dev server: TLS, client certificates, API keys, all made for the test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from support import BARE, DevServer, Program, free_port, installed

HOSTS = ("localhost", "127.0.0.1", "host.docker.internal")
OTHER_HOST = "temporal.example"
DAY = timedelta(days=1)
NOW = datetime.now(UTC)
PAST, FUTURE = (NOW - 9 * DAY, NOW - 2 * DAY), (NOW + 2 * DAY, NOW + 9 * DAY)

HOME = {"HOME": os.environ.get("HOME", "/")}
KEY, DENIED_KEY = "the-right-key-4f1c", "the-denied-key-77ab"

# A gRPC server refuses with an answer that is all headers: 16 is UNAUTHENTICATED, 7 PERMISSION_DENIED.
REFUSAL = "handle @{name} {{\n header Content-Type application/grpc\n header Grpc-Status {status}\n respond 200\n}}\n"


class Certificates:
    """A CA of the server's, one for clients, one that nobody trusts, and what they issue, as files in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server, self.clients, self.unknown = (
            trustme.CA(organization_name=f"{who} CA") for who in ("Server", "Client", "No")
        )
        self.server_ca, self.clients_ca = str(directory / "server-ca.pem"), str(directory / "clients-ca.pem")
        self.server.cert_pem.write_to_path(self.server_ca)
        self.clients.cert_pem.write_to_path(self.clients_ca)

    def issue(
        self, name: str, authority: trustme.CA, *hosts: str, lifetime: tuple[datetime, datetime] | None = None
    ) -> tuple[str, str]:
        """Return the paths of a new certificate and its key."""
        since, until = lifetime or (NOW - DAY, NOW + 30 * DAY)
        issued = authority.issue_cert(*hosts, common_name=name, not_before=since, not_after=until)
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        return str(certificate), str(key)


@dataclass
class Site:
    """One port of the proxy: its certificate, whether it wants the clients' own, its keys."""

    certificate: tuple[str, str]
    clients_ca: str = ""
    oldest: str = "tls1.3"  # and newest: the version decides when a client's certificate is refused
    keys: tuple[str, ...] = ()  # the API keys that are accepted
    denied: str = "no-such-key"  # the one that is accepted and may do nothing
    port: int = 0

    def caddyfile(self, upstream: str, listen: list[str]) -> str:
        self.port = self.port or free_port()
        client = (
            f"client_auth {{\n mode require_and_verify\n trust_pool file {self.clients_ca}\n}}\n" if self.clients_ca else ""
        )
        tls = f"tls {' '.join(self.certificate)} {{\n protocols {self.oldest} {self.oldest}\n{client}}}\n"
        accepted = "".join(f' not header Authorization "Bearer {key}"\n' for key in self.keys)
        guard = f'@denied header Authorization "Bearer {self.denied}"\n' + REFUSAL.format(name="denied", status=7)
        guard += f"@wrong {{\n{accepted}}}\n" + REFUSAL.format(name="wrong", status=16) if self.keys else ""
        bind = f"bind {' '.join(listen)}\n"
        return f"https://:{self.port} {{\n{bind}{tls}{guard}reverse_proxy h2c://{upstream}\n}}\n"


@contextmanager
def proxy(directory: Path, upstream: str, sites: list[Site], *, listen: tuple[str, ...] = ()) -> Iterator[Program]:
    """Run the proxy on 127.0.0.1, and on ``listen``, in front of the server ``upstream``; enter when it serves."""
    options = f"admin off\nauto_https off\npersist_config off\nstorage file_system {directory}/caddy\ndefault_sni localhost\n"
    options += f"fallback_sni {OTHER_HOST}\n"
    config = directory / "Caddyfile"
    config.write_text(f"{{\n{options}}}\n" + "".join(site.caddyfile(upstream, ["127.0.0.1", *listen]) for site in sites))
    running = Program(
        installed("caddy"),
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        str(config),
        environment={**BARE, **HOME},
        cwd=directory,
    )
    try:
        running.says("serving initial configuration")
        yield running
    finally:
        running.kill()


@dataclass
class Remote:
    """The sites, and the settings of a client of one."""

    certificates: Certificates
    sites: dict[str, Site]
    plain: DevServer

    def settings(self, site: str, *, ca: bool = True, client: str = "", key: str = "") -> dict[str, str]:
        """Return the environment for ``site``: with the server's CA, the certificate of ``client``, the API ``key``."""
        directory = self.certificates.directory
        found = {"TEMPORAL_SERVER": "remote", "TEMPORAL_ADDRESS": f"localhost:{self.sites[site].port}"}
        if ca:
            found["TEMPORAL_TLS_SERVER_CA_CERT_PATH"] = self.certificates.server_ca
        if client:
            found["TEMPORAL_TLS_CLIENT_CERT_PATH"] = str(directory / f"{client}.pem")
            found["TEMPORAL_TLS_CLIENT_KEY_PATH"] = str(directory / f"{client}.key")
        if key:
            found["TEMPORAL_API_KEY_FILE"] = str(directory / "api-key")
            (directory / "api-key").write_text(f"{key}\n", encoding="ascii")  # as most tools write a file: with a line break
        return found
