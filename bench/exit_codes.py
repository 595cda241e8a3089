"""How often is the starter's exit code right? `.venv/bin/python bench/exit_codes.py [RUNS]`, on an embedded server of its own.

The SDK's native runtime can crash while the interpreter shuts down, after the result was printed; see connection/leave.py.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support import DevServer, starter, worker


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        server = DevServer(directory)
        server.start()
        seen: Counter[tuple[int, str]] = Counter()

        def one(number: int) -> subprocess.CompletedProcess[str]:
            return starter(directory, server.environment, "--name", "Temporal")

        try:
            with worker(directory, server.environment), ThreadPoolExecutor(2) as pool:
                for done, process in enumerate(pool.map(one, range(runs)), 1):
                    seen[process.returncode, process.stdout] += 1
                    if done % 50 == 0:
                        print(f"\r{done} of {runs}", end="", file=sys.stderr, flush=True)
        finally:
            server.kill()
    print(file=sys.stderr)
    for (code, output), count in seen.most_common():
        print(f"{count} of {runs}: exit code {code}, {output!r}")
    return 0 if list(seen) == [(0, "Result: Hello, Temporal!\n")] else 1


sys.exit(main())
