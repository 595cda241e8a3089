"""A checkout whose containers use a server that is not its own: a dev server on the host, bare and behind the proxy."""

import json
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from checkout import Stack
from proxy import KEY, Certificates, Site
from support import DevServer

NAMESPACE = "my-namespace.a1b2c"  # that of docs/servers.md


def bridge() -> str:
    """Return the address at which containers reach this host: the engine's bridge, or loopback on a desktop."""
    command = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"]
    address = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    try:
        socket.create_server((address, 0)).close()
    except OSError:
        return "127.0.0.1"
    return address


@dataclass
class Elsewhere:
    """The checkout, the servers outside of it, and files for its ``secrets/``."""

    stack: Stack
    certificates: Certificates
    sites: dict[str, Site]
    plain: DevServer
    listen: tuple[str, ...]  # where the proxy is reached, besides loopback
    images: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._base = (self.stack.path / ".env").read_text(encoding="utf-8")
        self.secrets = self.stack.path / "secrets"
        self.secrets.mkdir(mode=0o700)
        self.restore()

    def restore(self) -> None:
        """Fill ``secrets/`` with what the proxy accepts."""
        for name in ("server-ca.pem", "client.pem", "client.key"):
            self.give(name, (self.certificates.directory / name).read_text(encoding="ascii"))
        self.give("api-key", f"{KEY}\n")

    def give(self, name: str, text: str, mode: int = 0o444) -> Path:
        """Put a new file into ``secrets/``, in the place of an old one, as docs/servers.md says."""
        file = self.secrets / name
        part = self.secrets / f"{name}.part"
        part.write_text(text, encoding="ascii")
        part.chmod(mode)
        return part.replace(file)

    def configure(self, site: str, **settings: str) -> None:
        """Write a .env with ``settings`` for the server at ``site``; ``plain``: without the proxy, ``own``: the stack's."""
        if site != "own":
            port = self.plain.port if site == "plain" else self.sites[site].port
            settings = {"TEMPORAL_SERVER": "remote", **settings, "TEMPORAL_ADDRESS": f"host.docker.internal:{port}"}
        (self.stack.path / ".env").write_text(self._base, encoding="utf-8")
        self.stack.set(**settings)

    def running(self) -> set[str]:
        return set(self.stack.compose("ps", "--services", "--status", "running").stdout.split())

    def image_ids(self) -> dict[str, str]:
        found = json.loads(self.stack.compose("images", "--format", "json").stdout)
        return {image["Repository"]: image["ID"] for image in found}
