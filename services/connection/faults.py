"""What keeps a client from its server, in words for a person: at which step, and whether waiting can help."""

import re
from collections.abc import Mapping
from pathlib import Path

# The way to a result, in its order. A fault is of one of these; `starter --check` tries them one by one.
NAME, TCP, TLS, SERVER, KEY, NAMESPACE, QUEUE = STEPS = ("name", "TCP", "TLS", "server", "key", "namespace", "task queue")

# The SDK raises RuntimeError with the debug text of its Rust layers (tonic, hyper, rustls), and nothing else tells faults
# apart. First match wins. True: the server may just not be up yet. Provoked one by one in tests/remote/test_faults.py.
REFUSED = r"(?:AlertReceived\(|fatal alert: )"  # TLS 1.2 tells in the handshake, 1.3 with the first answer
PATTERNS: tuple[tuple[str, str, bool, str], ...] = (
    (r"Connection refused|ConnectionRefused", TCP, True, "nothing listens there; is the server started?"),
    (r"NetworkUnreachable|HostUnreachable|No route", TCP, True, "no way leads to that host; check network and firewall"),
    (r"dns error|failed to lookup", NAME, True, "the host name is unknown; check TEMPORAL_ADDRESS"),
    (REFUSED + r"CertificateExpired", TLS, False,
     "the client certificate has expired; set TEMPORAL_TLS_CLIENT_CERT_PATH to a new one"),
    (REFUSED + r"(?:CertificateRequired|HandshakeFailure)", TLS, False,
     "it asks for a client certificate; set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH"),
    (REFUSED + r"(UnknownCA|BadCertificate|CertificateUnknown|DecryptError|AccessDenied)", TLS, False,
     "it does not accept the client certificate ({0}); set TEMPORAL_TLS_CLIENT_CERT_PATH to one from a CA that it trusts"),
    (REFUSED + r"(\w+)", TLS, False, "it refused the TLS handshake ({0}); check TEMPORAL_TLS_SERVER_NAME and the certificates"),
    (r"UnknownIssuer", TLS, False, "its certificate is from an unknown CA; set TEMPORAL_TLS_SERVER_CA_CERT_PATH to that CA"),
    (r"NotValidForName", TLS, False,
     "its certificate is for another host name; set TEMPORAL_TLS_SERVER_NAME to the one it is for"),
    (r"NotValidYet", TLS, False, "its certificate is not valid yet; check the clocks of both machines"),
    (r"Expired", TLS, False, "its certificate has expired; it must be renewed on the server"),
    (r"PrivateKeyParseError|CertificateParseError|failed to parse private key|BadEncoding|NoCertificatesPresented", TLS, False,
     "the client certificate or its key is no valid PEM"),
    (r"KeyMismatch|InconsistentKeys", TLS, False, "the client certificate and its key do not belong together"),
    (r"InvalidContentType", TLS, False, "it does not speak TLS; for a plaintext server: TEMPORAL_TLS=false, and no API key"),
    (r"handshake eof", TLS, True, "it ended the connection in the TLS handshake; it may be starting"),
    (r"code: Unauthenticated", KEY, False, "it does not accept the API key; check TEMPORAL_API_KEY_FILE or TEMPORAL_API_KEY"),
    (r"code: PermissionDenied", KEY, False, "the API key or certificate is accepted but not permitted to do this"),
    (r"code: Unimplemented", SERVER, False, "what answers there is no Temporal server; check TEMPORAL_ADDRESS"),
    (r"HTTP status code 400", SERVER, False, "a proxy there refuses the call (HTTP 400); it may ask for a client certificate"),
    (r"Http2|http2|h2 protocol", SERVER, False, "what answers there is no plaintext gRPC server; check TEMPORAL_ADDRESS"),
    (r"BrokenPipe|ConnectionReset|ConnectionAborted|UnexpectedEof|connection closed", SERVER, True,
     "it ends the connection; it may be starting"),
)  # fmt: skip


class Fault(Exception):  # noqa: N818 - not every fault is an error: some pass
    """A client cannot reach or use its server; the text is one line for a person."""

    def __init__(self, message: str, *, may_pass: bool, step: str | None = None) -> None:
        """Keep ``message``; ``may_pass`` tells whether the same call may go through later, with nothing changed here.

        ``step`` is the one of `STEPS` that failed; None: the text alone does not tell.
        """
        super().__init__(message)
        self.may_pass = may_pass
        self.step = step

    @property
    def unheard(self) -> bool:
        """Whether the server may have said, in the language of TLS, more than the SDK heard."""
        return self.step == SERVER


def no_answer(address: str, seconds: float) -> Fault:
    """Return the fault of a server that let ``seconds`` pass."""
    return Fault(f"{address}: no answer within {seconds:g} s; it is not reachable or hangs", may_pass=True)


def wants_tls(address: str) -> Fault:
    """Return the fault of a plaintext call to a server that speaks TLS."""
    return Fault(f"{address}: it speaks TLS and is called without; set TEMPORAL_TLS=true", may_pass=False, step=TLS)


def connecting(error: Exception, address: str, *, has_key: bool = True) -> Fault:
    """Return the fault behind an ``error`` of Client.connect; ``has_key``: an API key was sent."""
    text = str(error)
    for pattern, step, may_pass, words in PATTERNS:
        if match := re.search(pattern, text):
            if step == KEY and not has_key:
                return Fault(f"{address}: {NO_KEY}", may_pass=False, step=KEY)
            hint = in_container(address) if step in (NAME, TCP) else ""
            return Fault(f"{address}: {words.format(*match.groups())}{hint}", may_pass=may_pass, step=step)
    return Fault(f"{address}: {text.removeprefix('Failed client connect: ')}", may_pass=True)


# The gRPC codes that mean "not now"; see grpc/grpc, doc/statuscodes.md.
PASSING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "CANCELLED", "UNKNOWN"}
NO_KEY = "it asks for an API key and none is set; put the key into a file and set TEMPORAL_API_KEY_FILE to it"
CODES: Mapping[str, tuple[str, str]] = {
    "NOT_FOUND": (NAMESPACE, "there is no namespace {namespace!r}; check TEMPORAL_NAMESPACE, or create it"),
    "UNAUTHENTICATED": (KEY, "it does not accept the API key; check TEMPORAL_API_KEY_FILE or TEMPORAL_API_KEY"),
    "PERMISSION_DENIED": (
        NAMESPACE,
        "no permission for namespace {namespace!r}; check TEMPORAL_NAMESPACE and what the key may do",
    ),
}


def calling(code: str, message: str, address: str, namespace: str, *, has_key: bool = True) -> Fault:
    """Return the fault behind an RPC that failed with the gRPC status ``code`` and ``message``; ``has_key``: one was sent."""
    step, words = CODES.get(code, (None, "the server says {code}: {message}"))
    if step == KEY and not has_key:
        words = NO_KEY
    said = words.format(namespace=namespace, code=code, message=message)
    return Fault(f"{address}: {said}", may_pass=code in PASSING, step=step)


def in_container(address: str) -> str:
    """Return a hint when ``address`` is the stack's own server, or the container's loopback, which is rarely what was meant."""
    if address == "server:7233" and Path("/.dockerenv").exists():
        return " (the stack's own server; start it: make up)"
    loopback = address.rpartition(":")[0] in ("localhost", "127.0.0.1", "[::1]")
    if not (loopback and Path("/.dockerenv").exists()):
        return ""
    return " (inside a container localhost is the container itself; the host is host.docker.internal)"
