"""What buffers of many closed connections leave behind."""

import platform
import subprocess
import sys

import pytest

CHURN = """
import ctypes, sys
import psutil
from ivr.runtime.large_blocks import map_large_blocks
if sys.argv[1] == "mapped":
    map_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
size = 256 * 1024
for _ in range(3):
    blocks = [libc.malloc(size) for _ in range(200)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    last = libc.malloc(size)  # keeps the heap's end where it is
    for block in blocks:
        libc.free(block)
before = psutil.Process().memory_info().rss
kept = [libc.malloc(size) for _ in range(200)]
print(psutil.Process().memory_info().rss - before, before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has this threshold")
def test_large_blocks_go_back_to_the_system():
    def rss(how):
        ran = subprocess.run([sys.executable, "-c", CHURN, how], capture_output=True, text=True, check=True)
        grown, before = map(int, ran.stdout.split())
        return grown + before

    assert rss("usual") - rss("mapped") > 20_000_000
