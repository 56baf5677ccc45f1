"""What the machine can do at most: bytes read and products computed in a second."""

import platform
import time
from pathlib import Path

import numba
import numpy as np
import numpy.typing as npt

from partimento.processors import available_cores

LARGE_BYTES = 1 << 28
"""Far larger than any cache."""


@numba.njit(nogil=True, fastmath=True)  # type: ignore[untyped-decorator]  # numba has no types
def _sum(array: npt.NDArray[np.float32], times: int) -> float:
    """Read an array several times; fastmath lets many sums run side by side."""
    total = 0.0
    for _ in range(times):
        part = array[0]
        for i in range(1, array.size):
            part += array[i]
        total += float(part)
    return total


def read_rate(size: int) -> float:
    """Bytes a second that one thread reads from an array of so many bytes, again and again."""
    array = np.ones(size // 4, np.float32)
    times = max(1, LARGE_BYTES // 2 // array.nbytes)
    _sum(array, 1)
    start = time.perf_counter()
    _sum(array, times)
    return array.nbytes * times / (time.perf_counter() - start)


def product_rate(threads: int, size: int = 1024) -> float:
    """Operations a second of torch.mm in float32; a multiplication and a sum are two."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        a, b = torch.rand(size, size), torch.rand(size, size)
        torch.mm(a, b)
        start = time.perf_counter()
        times = 8
        for _ in range(times):
            torch.mm(a, b)
        return 2.0 * size**3 * times / (time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)


def describe() -> list[tuple[str, str]]:
    """What the figures were measured on."""
    import torch

    facts = [("processor", f"{_processor()}, {available_cores()} cores")]
    caches = _caches()
    if caches:
        facts.append(("caches", caches))
    facts += [
        ("system", f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("numba", numba.__version__),
        ("torch", torch.__version__),
    ]
    return facts


def _processor() -> str:
    """Name of the processor, with its widest vector instructions."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    lines: dict[str, str] = {}
    for line in info.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        lines.setdefault(name.strip(), value.strip())
    flags = lines.get("flags", "").split()
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else ""
    return f"{lines.get('model name', platform.machine())} {vectors}".strip()


def _caches() -> str:
    """Sizes of the first processor's caches for data."""
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if (folder / "type").read_text().strip() != "Instruction":
            level, size = ((folder / name).read_text().strip() for name in ("level", "size"))
            found.append(f"L{level} {size}")
    return ", ".join(found)
