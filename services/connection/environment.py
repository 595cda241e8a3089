"""The environment as the stack reads it: the real one over `.env` over the defaults; trimmed; empty means unset."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from connection.variables import DEFAULTS, PATHS


class Environment:
    """The values of variables, and where each one came from.

    An empty value in the real environment hides the one in `.env`, as it does for Compose, and so means the default.
    """

    def __init__(self, real: Mapping[str, str], dotenv: Mapping[str, str], dotenv_name: str = ".env") -> None:
        """Layer ``real`` over ``dotenv``, which was read from the file ``dotenv_name``."""
        self._values: dict[str, str] = {}
        self._sources: dict[str, str] = {}
        for source, layer in ((dotenv_name, dotenv), ("environment", real)):
            for name, value in layer.items():
                self._values[name] = value.strip()
                self._sources[name] = source

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names that are set to something."""
        return (name for name, value in self._values.items() if value)

    def get(self, name: str) -> str:
        """Return the value of ``name``, or its default."""
        return self._values.get(name) or DEFAULTS.get(name, "")

    def is_set(self, name: str) -> bool:
        """Tell whether ``name`` has a value that is not just the default."""
        return bool(self._values.get(name))

    def source(self, name: str) -> str:
        """Return where the value of ``name`` comes from: ``environment``, the `.env` file, ``the stack`` or ``default``.

        A container's environment is what Compose made of `.env` and the caller's; only `make doctor` says which was which.
        """
        if not self.is_set(name):
            return "default"
        if self._sources[name] != "environment" or not self.is_set("STACK_SETS"):
            return self._sources[name]
        if name in self.get("STACK_SETS").split():
            return "the stack"
        if not self.is_set("STACK_CALLER"):
            return "environment or .env"
        return "environment" if name in self.get("STACK_CALLER").split() else ".env"


class DotenvError(Exception):
    """A line of `.env` cannot be read; the text is for a person."""


def read_environment() -> Environment:
    """Read the process's environment and the `.env` that Compose would read from here.

    That is the one beside the nearest docker-compose.yml, upwards from the working directory; without such a file, the working
    directory's own. Raises OSError, UnicodeDecodeError or DotenvError when it cannot be read.
    """
    here = Path.cwd()
    file = next((place for place in (here, *here.parents) if (place / "docker-compose.yml").exists()), here) / ".env"
    return Environment(os.environ, _read(file) if file.is_file() else {}, str(file))


def _read(file: Path) -> dict[str, str]:
    # Without interpolation: a password may hold a dollar sign. `.env.example` says to quote such a value for Compose's sake.
    from dotenv.parser import parse_stream  # noqa: PLC0415 - containers, and many a command on the host, have no such file

    values: dict[str, str] = {}
    with file.open(encoding="utf-8") as stream:
        for binding in parse_stream(stream):
            if binding.error:
                text = binding.original.string.strip().partition("\n")[0]
                raise DotenvError(f"{file}, line {binding.original.line}: {text[:20]!r}... is no NAME=value; mend or remove it")
            if binding.key:
                values[binding.key] = _anchored(binding.key, (binding.value or "").strip(), file.parent)
    return values


def _anchored(name: str, value: str, directory: Path) -> str:
    return str(directory / value) if name in PATHS and value else value
