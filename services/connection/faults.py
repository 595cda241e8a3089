"""What keeps a client from its server, in words for a person, and whether waiting can help."""

import re
from collections.abc import Mapping
from pathlib import Path

# The SDK raises RuntimeError with the debug text of its Rust layers (tonic, hyper, rustls), and nothing else tells faults
# apart. First match wins. True: the server may just not be up yet.
PATTERNS: tuple[tuple[str, bool, str], ...] = (
    (r"Connection refused|ConnectionRefused", True, "nothing listens there; is the server started?"),
    (r"dns error|failed to lookup", True, "the host name is unknown; check TEMPORAL_ADDRESS"),
    (r"UnknownIssuer", False, "its certificate is from an unknown CA; set TEMPORAL_TLS_SERVER_CA_CERT_PATH to that CA"),
    (r"NotValidForName", False, "its certificate is for another host name; set TEMPORAL_TLS_SERVER_NAME to the one it is for"),
    (r"NotValidYet", False, "its certificate is not valid yet; check the clocks of both machines"),
    (r"Expired", False, "its certificate has expired; it must be renewed on the server"),
    (r"CertificateRequired", False, "it asks for a client certificate; set TEMPORAL_TLS_CLIENT_CERT_PATH and ..._KEY_PATH"),
    (r"AlertReceived\((\w+)\)", False, "it refused the TLS handshake ({0}); check the client certificate and its key"),
    (r"PrivateKeyParseError|CertificateParseError", False, "the client certificate or its key is no valid PEM"),
    (r"KeyMismatch|InconsistentKeys", False, "the client certificate and its key do not belong together"),
    (r"InvalidContentType", False, "it does not speak TLS; for a plaintext server: TEMPORAL_TLS=false, and no API key"),
    (r"code: Unauthenticated", False, "it does not accept the API key; check TEMPORAL_API_KEY_FILE or TEMPORAL_API_KEY"),
    (r"code: PermissionDenied", False, "the API key or certificate is accepted but not permitted to do this"),
    (r"code: Unimplemented", False, "what answers there is no Temporal server; check TEMPORAL_ADDRESS"),
    (r"Http2|http2|h2 protocol", False, "what answers there is no plaintext gRPC server; if it speaks TLS: TEMPORAL_TLS=true"),
)  # fmt: skip


class Fault(Exception):  # noqa: N818 - not every fault is an error: some pass
    """A client cannot reach or use its server; the text is one line for a person."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        """Keep ``message``; ``may_pass`` tells whether the same call may go through later, with nothing changed here."""
        super().__init__(message)
        self.may_pass = may_pass


def no_answer(address: str, seconds: float) -> Fault:
    """Return the fault of a server that let ``seconds`` pass."""
    return Fault(f"{address}: no answer within {seconds:g} s; it is not reachable or hangs", may_pass=True)


def connecting(error: Exception, address: str) -> Fault:
    """Return the fault behind an ``error`` of Client.connect."""
    text = str(error)
    for pattern, may_pass, words in PATTERNS:
        if match := re.search(pattern, text):
            return Fault(f"{address}: {words.format(*match.groups())}{in_container(address)}", may_pass=may_pass)
    return Fault(f"{address}: {text.removeprefix('Failed client connect: ')}", may_pass=True)


# The gRPC codes that mean "not now"; see grpc/grpc, doc/statuscodes.md.
PASSING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "CANCELLED", "UNKNOWN"}
CODES: Mapping[str, str] = {
    "NOT_FOUND": "there is no namespace {namespace!r}; check TEMPORAL_NAMESPACE, or create it",
    "UNAUTHENTICATED": "it does not accept the API key; check TEMPORAL_API_KEY_FILE or TEMPORAL_API_KEY",
    "PERMISSION_DENIED": "no permission for namespace {namespace!r}; check TEMPORAL_NAMESPACE and what the key may do",
}


def calling(code: str, message: str, address: str, namespace: str) -> Fault:
    """Return the fault behind an RPC that failed with the gRPC status ``code`` and ``message``."""
    words = CODES.get(code, f"the server says {code}: {message}").format(namespace=namespace)
    return Fault(f"{address}: {words}", may_pass=code in PASSING)


def in_container(address: str) -> str:
    """Return a hint when ``address`` is the container's own loopback, which is rarely what was meant."""
    loopback = address.rpartition(":")[0] in ("localhost", "127.0.0.1", "[::1]")
    if not (loopback and Path("/.dockerenv").exists()):
        return ""
    return " (inside a container localhost is the container itself; the host is host.docker.internal)"
