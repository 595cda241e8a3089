"""A look at the way to a server, below the SDK: name, TCP, TLS. The SDK's own connection decides; this adds what it hides."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

from temporalio.service import TLSConfig

from connection.settings import Settings

SECONDS = 3.0


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
    session = await _handshake(settings.address, context, config.domain)
    shown: dict[str, Any] = session.getpeercert() or {}
    names = ", ".join(value for _, value in shown.get("subjectAltName", ()))
    signer = {key: value for part in shown.get("issuer", ()) for key, value in part}
    by = signer.get("commonName") or signer.get("organizationName") or "an unnamed CA"
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    days = (until - datetime.now(UTC)).days
    return f"{session.version()}, certificate for {names}, signed by {by}, until {until:%Y-%m-%d %H:%M} UTC ({days} days)"


async def speaks_tls(address: str) -> bool:
    """Tell whether ``address`` answers a TLS handshake, whatever its certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        await _handshake(address, context, None)
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # it refused in the language of TLS
    except (OSError, TimeoutError):
        return False
    return True


async def _handshake(address: str, context: ssl.SSLContext, name: str | None) -> ssl.SSLObject:
    host, port = split(address)
    context.set_alpn_protocols(["h2"])
    async with asyncio.timeout(SECONDS):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name or host)
    session: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return session
