"""A look at the way to a server, below the SDK: name, TCP, TLS. The SDK's own connection decides; this adds what it hides."""

import asyncio
import socket
import ssl
import tempfile
from datetime import UTC, datetime
from typing import Any

from temporalio.service import TLSConfig

from connection.settings import Settings

SECONDS = 5.0
SPEAKS_TLS = "speaks TLS"


def split(address: str) -> tuple[str, int]:
    """Return host and port of a checked ``address``; an IPv6 host without its brackets."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


async def resolve(settings: Settings) -> str:
    """Return what the host's name means; raise OSError or TimeoutError."""
    host, port = split(settings.address)
    async with asyncio.timeout(SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return f"{host} is {', '.join(dict.fromkeys(str(entry[4][0]) for entry in found))}"


async def reach(settings: Settings) -> str:
    """Open and close a TCP connection and return to whom; raise OSError or TimeoutError."""
    host, port = split(settings.address)
    async with asyncio.timeout(SECONDS):
        _, writer = await asyncio.open_connection(host, port)
    peer = writer.get_extra_info("peername")
    writer.transport.abort()
    return f"{peer[0]} accepts connections on port {port}"


async def certificate(settings: Settings) -> str:
    """Return whose certificate the server shows, who signed it and until when; raise OSError or TimeoutError.

    Without the client certificate: a server asks for that after it has shown its own.
    """
    tls = settings.connect.get("tls")
    if not tls:
        return "off"
    config = tls if isinstance(tls, TLSConfig) else TLSConfig()
    context = ssl.create_default_context()
    if config.server_root_ca_cert:
        context = ssl.create_default_context(cadata=config.server_root_ca_cert.decode())
    _, writer = await _open(settings.address, context, config.domain)
    session: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    shown: dict[str, Any] = session.getpeercert() or {}
    names = ", ".join(value for _, value in shown.get("subjectAltName", ()))
    signer = {key: value for part in shown.get("issuer", ()) for key, value in part}
    by = signer.get("commonName") or signer.get("organizationName") or "an unnamed CA"
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    days = (until - datetime.now(UTC)).days
    return f"{session.version()}, certificate for {names}, signed by {by}, until {until:%Y-%m-%d %H:%M} UTC ({days} days)"


async def why_closed(settings: Settings) -> str | None:
    """Return what a server that ends the connection says in the language of TLS, as rustls writes it, or None.

    A server of TLS 1.3 refuses a client certificate after the handshake, and closes. A client that has sent its first call by
    then may see the closed connection and never the reason; here nothing is sent. When TLS is off here and not there, the
    answer is `SPEAKS_TLS`.
    """
    tls = settings.connect.get("tls")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent, and the SDK has verified it
    config = tls if isinstance(tls, TLSConfig) else TLSConfig()
    try:
        if config.client_cert and config.client_private_key:
            _load(context, config.client_cert, config.client_private_key)
        reader, writer = await _open(settings.address, context, config.domain)
        if not tls:
            writer.transport.abort()
            return SPEAKS_TLS
        async with asyncio.timeout(SECONDS):
            await reader.read(1)
        writer.transport.abort()
    except ssl.SSLError as error:
        _, alert, name = (error.reason or "").partition("_ALERT_")
        if alert:
            return f"fatal alert: {name.title().replace('_', '').replace('UnknownCa', 'UnknownCA')}" if tls else SPEAKS_TLS
    except (OSError, TimeoutError):
        pass
    return None


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:  # the ssl module reads files only; this one is nobody else's, and gone at once
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)


async def _open(address: str, context: ssl.SSLContext, name: str | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = split(address)
    context.set_alpn_protocols(["h2"])
    async with asyncio.timeout(SECONDS):
        return await asyncio.open_connection(host, port, ssl=context, server_hostname=name or host)
