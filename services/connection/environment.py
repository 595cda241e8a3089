"""The environment as the stack reads it: the real one over `.env` over the defaults; trimmed; empty means unset."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values, find_dotenv

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


def read_environment() -> Environment:
    """Read the process's environment and the `.env` of the working directory or the nearest directory above it."""
    path = find_dotenv(usecwd=True)
    # Without interpolation: a password may hold a dollar sign. `.env.example` says to quote such a value for Compose's sake.
    values = dotenv_values(path, interpolate=False, encoding="utf-8") if path else {}
    return Environment(os.environ, {name: _anchored(name, value or "", path) for name, value in values.items()}, path or ".env")


def _anchored(name: str, value: str, path: str) -> str:
    return str(Path(path).parent / value.strip()) if name in PATHS and value.strip() else value
