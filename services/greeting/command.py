"""What the starter asks for on its command line, and how that becomes the workflow's input."""

from argparse import ArgumentParser, Namespace

# The type by its name: importing SayHello would import the worker's half of the SDK as well.
WORKFLOW = "SayHello"


def add_arguments(parser: ArgumentParser) -> None:
    """Add ``--name``. It has a default, as every option should: `make up` calls the starter without any."""
    parser.add_argument("--name", default="Temporal", help="whom to greet (default: Temporal)")


def workflow_input(arguments: Namespace) -> str:
    """Return the name to greet, unchanged; raise ValueError when it is blank."""
    name: str = arguments.name
    if not name.strip():
        raise ValueError("--name is empty; say whom to greet: --name Temporal")
    return name
