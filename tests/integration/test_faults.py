"""What keeps a client from its server, provoked for real, and told apart: wait for it, or end at once."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from connection.client import connect_patiently
from connection.environment import Environment
from connection.faults import Fault
from connection.logs import configure
from connection.settings import check
from support import DevServer


async def refused(**variables: str) -> Fault:
    """Return the fault of connecting with ``variables`` and a second's patience."""
    settings = check(Environment({"WORKER_CONNECT_SECONDS": "1", **variables}, {}))
    with pytest.raises(Fault) as caught:
        await connect_patiently(settings, configure("ERROR", "text"), lambda _: None)
    return caught.value


@pytest.fixture
async def tls_peer() -> AsyncIterator[tuple[str, trustme.CA]]:
    """The address of a peer that shows a certificate for ``localhost`` and its CA."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["h2"])
    authority.issue_cert("localhost").configure_cert(context)

    def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f":{server.sockets[0].getsockname()[1]}", authority


async def test_refused_may_pass() -> None:
    fault = await refused(TEMPORAL_ADDRESS="127.0.0.1:1")
    assert "nothing listens there; is the server started?" in str(fault)
    assert "Gave up after 1 s" in str(fault)
    assert fault.may_pass


async def test_an_unknown_host_may_pass() -> None:
    fault = await refused(TEMPORAL_ADDRESS="no-such-host.invalid:7233")
    assert "no-such-host.invalid:7233: the host name is unknown" in str(fault)
    assert fault.may_pass


async def test_an_unknown_ca_does_not_pass(tls_peer: tuple[str, trustme.CA]) -> None:
    fault = await refused(TEMPORAL_ADDRESS=f"localhost{tls_peer[0]}", TEMPORAL_TLS="true")
    assert "from an unknown CA; set TEMPORAL_TLS_SERVER_CA_CERT_PATH" in str(fault)
    assert not fault.may_pass


async def test_a_certificate_for_another_name_does_not_pass(tls_peer: tuple[str, trustme.CA]) -> None:
    port, authority = tls_peer
    pem = authority.cert_pem.bytes().decode()
    fault = await refused(TEMPORAL_ADDRESS=f"127.0.0.1{port}", TEMPORAL_TLS="true", TEMPORAL_TLS_SERVER_CA_CERT_DATA=pem)
    assert "for another host name; set TEMPORAL_TLS_SERVER_NAME" in str(fault)
    assert not fault.may_pass


async def test_tls_to_a_plaintext_server_does_not_pass(server: DevServer) -> None:
    fault = await refused(**server.environment, TEMPORAL_TLS="true")
    assert "it does not speak TLS; for a plaintext server: TEMPORAL_TLS=false" in str(fault)
    assert not fault.may_pass


async def test_a_client_key_that_is_none_does_not_pass(server: DevServer) -> None:
    pem = "-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----\n"
    files = {"TEMPORAL_TLS_CLIENT_CERT_DATA": pem, "TEMPORAL_TLS_CLIENT_KEY_DATA": pem}
    fault = await refused(**server.environment, TEMPORAL_TLS="true", **files)
    assert "the client certificate or its key is no valid PEM" in str(fault)
    assert not fault.may_pass


async def test_a_missing_namespace_does_not_pass(server: DevServer) -> None:
    fault = await refused(**server.environment, TEMPORAL_NAMESPACE="nowhere")
    assert "there is no namespace 'nowhere'" in str(fault)
    assert not fault.may_pass
