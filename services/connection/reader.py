"""Reads single variables, and says of a bad value what it must be."""

import re
from collections.abc import Callable
from typing import TypeVar

from connection.environment import Environment
from connection.variables import is_secret

T = TypeVar("T")


class Reader:
    """Reads single variables and collects what is wrong with them."""

    def __init__(self, environment: Environment) -> None:
        """Read from ``environment``."""
        self.environment = environment
        self.problems: list[str] = []

    def read(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        """Return the parsed value of ``name``; note a problem and return ``fallback`` when it does not parse."""
        value = self.environment.get(name)
        try:
            return parse(value)
        except ValueError as error:
            held = "set" if is_secret(name) else repr(value)
            self.problems.append(f"{name} is {held}: {error}")
            return fallback


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for a whole number from ``low`` to ``high``."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(value)

    return parse


def duration(value: str) -> str:
    """Parse whole hours or days as the Temporal CLI writes them."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}[hd]", value):
        raise ValueError("it must be hours or days, like 24h or 30d")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser for one of ``choices``."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"it must be one of {', '.join(choices)}")
        return value

    return parse


def ui_url(value: str) -> str | None:
    """Parse the Web UI's address; ``off`` means there is none to link to."""
    if value.lower() == "off":
        return None
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("it must be a web address like http://localhost:8233, or off")
    return value.rstrip("/")
