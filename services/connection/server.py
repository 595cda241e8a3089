"""From the environment to the arguments of Client.connect: the address, the namespace, TLS and the API key.

The meaning of the standard variables is temporalio.envconfig's. What stands here are the checks it leaves out, so that a
mistake is told at start, by name, and not by a TLS library later.
"""

import os
import re
from pathlib import Path

from temporalio.envconfig import ClientConfig, ClientConnectConfig

from connection.environment import Environment
from connection.variables import DEFAULTS, GRPC_META

TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")
WITHHELD = "{name} is set, and docker inspect would show it: put it into a file under secrets/ and set {file} to that instead"
FILE_OF = {"TEMPORAL_API_KEY": "TEMPORAL_API_KEY_FILE", "TEMPORAL_TLS_CLIENT_KEY_DATA": "TEMPORAL_TLS_CLIENT_KEY_PATH"}
FILES = ("TEMPORAL_TLS_SERVER_CA_CERT", "TEMPORAL_TLS_CLIENT_CERT", "TEMPORAL_TLS_CLIENT_KEY")


def server_settings(environment: Environment, server_port: int, problems: list[str]) -> ClientConnectConfig:
    """Return the arguments of Client.connect; append what is wrong to ``problems``.

    ``server_port`` is where the stack's own server is published on the host: the address when none is set.
    """
    found: list[str] = []
    standard = _standard(environment, found)
    if not found:
        try:
            connect = ClientConfig.load_client_connect_config(
                # A developer's own temporal.toml counts only when the environment asks for it.
                disable_file=not {"TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"} & standard.keys(),
                override_env_vars=standard,
            )
        except (RuntimeError, ValueError, OSError) as error:  # envconfig's own: a missing profile, a broken TOML file
            found.append(f"TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE cannot be used: {error}")
    if found:
        problems += found
        return {}
    if "target_host" not in connect and environment.get("TEMPORAL_SERVER") != "dev":
        problems.append("TEMPORAL_ADDRESS is not set: TEMPORAL_SERVER=remote needs the server's host:port")
    address = connect.setdefault("target_host", f"localhost:{server_port}")
    connect.setdefault("namespace", DEFAULTS["TEMPORAL_NAMESPACE"])
    if why := malformed(address):
        name = "TEMPORAL_ADDRESS" if environment.is_set("TEMPORAL_ADDRESS") else "the profile's address"
        problems.append(f"{name} is {address!r}: {why}")
    return connect


def malformed(address: str) -> str | None:  # noqa: PLR0911 - a list of mistakes
    """Return what is wrong with ``address`` and the mend, or None when it is a ``host:port``."""
    if "://" in address:
        return f"leave out {address.split('://', maxsplit=1)[0]}://, write host:port"
    if re.search(r"[\s/@]", address):
        return "write host:port, like localhost:7233"
    host, _, port = address.rpartition(":")
    if not host and not address.startswith(":"):
        return f"no port; write {address}:7233"
    if not host:
        return f"no host; write localhost{address}"
    if ":" in host and not re.fullmatch(r"\[[0-9a-fA-F:.]+\]", host):
        return f"write an IPv6 address in brackets: [{address}]:7233"
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        return "the port must be a number from 1 to 65535"
    return None


def _standard(environment: Environment, problems: list[str]) -> dict[str, str]:
    """Return the standard variables that are set, made safe for envconfig: none empty, switches as it reads them."""
    names = [name for name in environment if name.startswith("TEMPORAL_")]
    standard = {name: environment.get(name) for name in names if name in DEFAULTS or name.startswith(GRPC_META)}
    if environment.get("TEMPORAL_SERVER").lower() not in ("dev", "remote"):
        problems.append(f"TEMPORAL_SERVER is {environment.get('TEMPORAL_SERVER')!r}: it must be dev or remote")
    if tls := standard.get("TEMPORAL_TLS"):
        if tls.lower() not in TRUE + FALSE:
            problems.append(f"TEMPORAL_TLS is {tls!r}: it must be true or false")
        # envconfig knows only false and 0 as no.
        standard["TEMPORAL_TLS"] = "false" if tls.lower() in FALSE else "true"
    problems += [WITHHELD.format(name=name, file=FILE_OF[name]) for name in environment.get("STACK_WITHHELD").split()]
    key_source = "TEMPORAL_API_KEY"
    if key_file := standard.pop("TEMPORAL_API_KEY_FILE", None):
        if "TEMPORAL_API_KEY" in standard:
            problems.append("TEMPORAL_API_KEY and TEMPORAL_API_KEY_FILE are both set: keep one, better the file")
        elif (key := _content("TEMPORAL_API_KEY_FILE", key_file, problems)) is not None:
            standard["TEMPORAL_API_KEY"] = key
            key_source = f"the file of TEMPORAL_API_KEY_FILE, {key_file!r},"
    if not re.fullmatch(r"[!-~]*", standard.get("TEMPORAL_API_KEY", "")):
        problems.append(f"{key_source} holds spaces or characters outside ASCII: it must be the key alone, on one line")
    if path := standard.get("TEMPORAL_CONFIG_FILE"):
        _content("TEMPORAL_CONFIG_FILE", path, problems)
    if standard.get("TEMPORAL_TLS") == "false":
        # Off is off: the certificates may stay in .env, or on another machine, while a plaintext server is used.
        return {name: value for name, value in standard.items() if not name.startswith("TEMPORAL_TLS_")}
    _check_certificates(standard, problems)
    return standard


def _check_certificates(standard: dict[str, str], problems: list[str]) -> None:
    for name in FILES:
        path = standard.get(f"{name}_PATH")
        data = standard.get(f"{name}_DATA")
        if path and data:
            problems.append(f"{name}_PATH and {name}_DATA are both set: keep one")
            continue
        source = f"{name}_PATH" if path else f"{name}_DATA"
        text = _content(source, path, problems) if path else data
        if text is not None and "-----BEGIN " not in text:
            problems.append(f"{source} is no PEM text: it must hold a -----BEGIN ...----- block")
    certificate, key = (any(name in standard for name in (f"{part}_PATH", f"{part}_DATA")) for part in FILES[1:])
    if certificate != key:
        present, absent = (FILES[1], FILES[2]) if certificate else (FILES[2], FILES[1])
        problems.append(f"{present}_PATH is set without {absent}_PATH: a client certificate needs both")


def _content(name: str, path: str, problems: list[str]) -> str | None:
    """Return the trimmed text of the file that variable ``name`` points to, or None and a problem."""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        problems.append(f"{name} is {path!r}: there is no such file")
    except IsADirectoryError:
        problems.append(f"{name} is {path!r}: that is a directory, not a file")
    except PermissionError:
        problems.append(f"{name} is {path!r}: user {os.getuid()} may not read it; chmod 444 it, in a folder of mode 700")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name} is {path!r}: it cannot be read as text ({error.__class__.__name__})")
    else:
        if text:
            return text
        problems.append(f"{name} is {path!r}: the file is empty")
    return None
