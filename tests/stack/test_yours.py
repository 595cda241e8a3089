"""The README's "Make it yours", done as it stands there."""

import re
import shutil
from pathlib import Path

from checkout import Stack
from support import ROOT


def test_an_application_of_ones_own_in_the_place_of_the_greeting(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Make it yours")[1].split("\n## ")[0]
    files = re.findall(r"```python\n# (services/\S+)\n(.*?)```", section, re.DOTALL)
    assert [name for name, _ in files] == ["services/orders/hosted.py", "services/orders/command.py"]
    (line,) = re.findall(r"`(APPLICATION = \"orders\")`", section)
    stack = Stack(tmp_path, "yours")
    for name, text in files:
        (stack.path / name).parent.mkdir(exist_ok=True)
        (stack.path / name).write_text(text, encoding="utf-8")
    application = stack.path / "services" / "application.py"
    named = re.sub(r"^APPLICATION = .*$", line, application.read_text(encoding="utf-8"), flags=re.MULTILINE)
    application.write_text(named, encoding="utf-8")
    shutil.rmtree(stack.path / "services" / "greeting")
    try:
        assert "Result: charged A-1\n" in stack.run("make", "up").stdout
        done = stack.compose("run", "--rm", "starter", "--order", "B-2")
        assert done.stdout == "Result: charged B-2\n"
    finally:
        stack.remove()
