"""A checkout whose containers use a server that is not its own."""

from collections.abc import Iterator

import pytest

from checkout import Stack
from elsewhere import NAMESPACE, Elsewhere, bridge
from proxy import HOSTS, KEY, Certificates, Site, proxy
from support import DevServer


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    directory = tmp_path_factory.mktemp("elsewhere")
    certificates = Certificates(directory)
    good = certificates.issue("good", certificates.server, *HOSTS)
    certificates.issue("client", certificates.clients, "worker@client")
    sites = {
        "tls": Site(good),
        "mtls": Site(good, clients_ca=certificates.clients_ca),
        "key": Site(good, keys=(KEY,)),
        "both": Site(good, clients_ca=certificates.clients_ca, keys=(KEY,)),
    }
    address = bridge()
    listen = () if address == "127.0.0.1" else (address,)
    server = DevServer(directory)
    stack = Stack(tmp_path_factory.mktemp("checkout"), request.path.stem.removeprefix("test_"))
    try:
        # As docs/servers.md has it: bound to one address other than loopback, the dev server does not find its own parts.
        server.start("--ip=0.0.0.0", f"--namespace={NAMESPACE}")
        stack.compose("build")  # or the first `docker compose run` would, and tell of it on standard output
        with proxy(directory, server.address, list(sites.values()), listen=listen):
            yield Elsewhere(stack, certificates, sites, server, listen)
    finally:
        stack.remove()
        server.kill()
