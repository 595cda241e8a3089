"""A dev server behind a proxy that is strict, or wrong, in one way a port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy import DENIED_KEY, FUTURE, HOSTS, KEY, OTHER_HOST, PAST, Certificates, Remote, Site, proxy
from support import DevServer


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory, server: DevServer) -> Iterator[Remote]:
    directory: Path = tmp_path_factory.mktemp("remote")
    made = Certificates(directory)
    good = made.issue("good", made.server, *HOSTS)
    sites = {
        "tls": Site(good),
        "mtls": Site(good, clients_ca=made.clients_ca),
        "mtls of old": Site(good, clients_ca=made.clients_ca, oldest="tls1.2"),
        "key": Site(good, keys=(KEY,), denied=DENIED_KEY),
        "other name": Site(made.issue("other", made.server, OTHER_HOST)),
        "expired": Site(made.issue("expired", made.server, *HOSTS, lifetime=PAST)),
        "not yet valid": Site(made.issue("future", made.server, *HOSTS, lifetime=FUTURE)),
    }
    made.issue("client", made.clients, "worker@client")
    made.issue("stranger", made.unknown, "worker@stranger")
    made.issue("late", made.clients, "worker@late", lifetime=PAST)
    with proxy(directory, server.address, list(sites.values())):
        yield Remote(made, sites, server)
