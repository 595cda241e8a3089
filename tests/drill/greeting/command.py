from argparse import ArgumentParser, Namespace

WORKFLOW = "Errand"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--what", required=True)


def workflow_input(arguments: Namespace) -> str:
    return str(arguments.what)
