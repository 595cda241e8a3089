"""The one place that names the application this stack runs.

An application is a package beside this file with two modules:

- ``hosted``: ``WORKFLOWS`` and ``ACTIVITIES``, what the worker registers.
- ``command``: ``WORKFLOW``, ``add_arguments`` and ``workflow_input``, what the starter asks for on its command line.

They are two, imported by name, because the starter is a short command: it must not pay for importing what only a worker
runs.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, cast

from connection.leave import Exit, complain, leave

APPLICATION = "greeting"


class Hosted(Protocol):
    """What a worker registers."""

    WORKFLOWS: Sequence[type]
    ACTIVITIES: Sequence[Callable[..., Any]]


class Command(Protocol):
    """How the starter's command line becomes a run."""

    WORKFLOW: str  # the workflow type to start

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the application's own options to the starter's."""

    def workflow_input(self, arguments: Namespace) -> Any:
        """Return the workflow's one input; raise ValueError, with a message for the user, when an option is wrong."""


def hosted() -> Hosted:
    """Return the application's ``hosted`` module."""
    return cast("Hosted", _module("hosted"))


def command() -> Command:
    """Return the application's ``command`` module."""
    return cast("Command", _module("command"))


def _module(name: str) -> ModuleType:
    module = f"{APPLICATION}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (APPLICATION, module):  # something that the application itself imports
            raise
        complain("application", f"services/application.py names {APPLICATION!r}: no services/{APPLICATION}/{name}.py is there")
        leave(Exit.USAGE)
