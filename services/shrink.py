"""`python shrink.py PACKAGES`: take from installed packages what nothing in a container reads. A step of the build."""

import struct
import sys
from pathlib import Path
from py_compile import compile as compile_file
from shutil import rmtree

packages = Path(sys.argv[1])

# The Rust sources of the SDK's library: it is built already.
for sources in ("sdk-core", "src"):
    rmtree(packages / "temporalio" / "bridge" / sources, ignore_errors=True)

# Stubs are for type checkers, Cython's sources for its compiler.
for pattern in ("*.pyi", "*.pyx", "*.pxd"):
    for unread in packages.rglob(pattern):
        unread.unlink()

# The text of modules generated from .proto files: data, where no traceback leads. Byte-code alone stands where its text would.
for module in packages.rglob("*_pb2.py"):
    compile_file(str(module), str(module.with_suffix(".pyc")), doraise=True)
    module.unlink()
    for cached in module.parent.glob(f"__pycache__/{module.stem}.*"):
        cached.unlink()

# The symbols of native libraries: they are for debuggers, and stand behind the segments, which are all that is loaded. `strip`
# does the same; but a first build would have one more server to reach, to get it from.
for library in packages.rglob("*.so*"):
    with library.open("r+b") as file:
        header = bytearray(file.read(64))
        if not header.startswith(b"\x7fELF\2\1"):  # 64 bits, little-endian: the engines' machines
            continue
        (table,), (size, count) = struct.unpack_from("<Q", header, 32), struct.unpack_from("<2H", header, 54)
        file.seek(table)
        ends = [sum(struct.unpack_from("<Q16xQ", file.read(size), 8)) for _ in range(count)]
        # No table of sections: it goes with what it lists.
        struct.pack_into("<Q", header, 40, 0)
        struct.pack_into("<3H", header, 58, 0, 0, 0)
        file.seek(0)
        file.write(header)
        file.truncate(max(ends))
