from argparse import ArgumentParser, Namespace

WORKFLOW = "SayHello"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--name", default="Temporal")


def workflow_input(arguments: Namespace) -> str:
    return str(arguments.name)
