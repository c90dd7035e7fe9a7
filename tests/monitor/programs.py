"""Small programs that leak, rest, saw or warm up, in three languages."""

from __future__ import annotations

LEAK = """
import time
kept = []
while True:
    kept.append([object() for _ in range(2000)])
    time.sleep(0.01)
"""

NATIVE = """
import ctypes, time
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
while True:
    ctypes.memset(ctypes.c_void_p(malloc(100_000)), 1, 100_000)
    time.sleep(0.01)
"""

STEADY = """
import time
while True:
    [object() for _ in range(2000)]
    time.sleep(0.01)
"""

SAWTOOTH = """
import time
kept = []
while True:
    kept.append(bytearray(b"x" * 1_000_000))
    if len(kept) > 30:
        kept.clear()
    time.sleep(0.01)
"""

WARM_UP = """
import time
kept = []
while True:
    if len(kept) < 60:
        kept.append(bytearray(b"x" * 1_000_000))
    time.sleep(0.01)
"""

NODE_LEAK = """
const kept = [];
setInterval(() => { for (let i = 0; i < 2000; i++) kept.push({ i, text: "x" + i }); }, 10);
"""

JVM_LEAK = """
import java.util.*;
class Leak {
    static final List<byte[]> KEPT = new ArrayList<>();
    public static void main(String[] arguments) throws Exception {
        while (true) { KEPT.add(new byte[20_000]); Thread.sleep(5); }
    }
}
"""
