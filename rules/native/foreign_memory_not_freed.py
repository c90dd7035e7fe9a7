"""foreign-memory-not-freed (LK622): memory of a C library is used and never handed back.

## What it does
Reports results of ctypes and cffi functions that are copied out and dropped, and names of OpenGL and
system interfaces that are made by code that runs again and again, in files that never free any. So is what a
library makes, where the file declares the function that ends it and never calls it. Java: names
of OpenGL in a field of a class that deletes others, of another kind only.

## Why is this bad?
The collector knows Python objects only. Memory that a C function allocated stays taken until somebody
calls the function that frees it; no tool that looks at Python objects shows it.

## Example
```python bad
import ctypes

lib = ctypes.CDLL("librender.so")
lib.render.restype = ctypes.POINTER(ctypes.c_char)
lib.render_free.argtypes = [ctypes.POINTER(ctypes.c_char)]

def render(text, size):
    out = lib.render(text)
    return ctypes.string_at(out, size)
```

```java bad
import org.lwjgl.opengl.GL30;

class Target {
  private int frame;
  private int picture;

  void open() {
    frame = GL30.glGenFramebuffers();
    picture = GL30.glGenTextures();
  }

  void delete() {
    GL30.glDeleteFramebuffers(frame);
  }
}
```

## Use instead
```python good
import ctypes

lib = ctypes.CDLL("librender.so")
lib.render.restype = ctypes.POINTER(ctypes.c_char)
lib.render_free.argtypes = [ctypes.POINTER(ctypes.c_char)]

def render(text, size):
    out = lib.render(text)
    try:
        return ctypes.string_at(out, size)
    finally:
        lib.render_free(out)
```

```java good
import org.lwjgl.opengl.GL30;

class Target {
  private int frame;
  private int picture;

  void open() {
    frame = GL30.glGenFramebuffers();
    picture = GL30.glGenTextures();
  }

  void delete() {
    GL30.glDeleteTextures(picture);
    GL30.glDeleteFramebuffers(frame);
  }
}
```

## When it stays silent
The pointer goes to another function, to a field or to the caller; the file calls what frees it; strings
that a library keeps itself, as far as no free function is declared.

## Runtime check
Calls the function; confirmed if resident memory grows and the Python heap does not.

## References
- [ctypes](https://docs.python.org/3/library/ctypes.html)
- [cffi: ffi.gc](https://cffi.readthedocs.io/en/stable/ref.html#ffi-gc)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.foreign import Foreign

_STATES = {
    "copied": "is copied out and never freed",
    "named": "is made by each run, and this file never frees any",
    "declared": "stays with the library: what ends it is declared, and never called",
    "left": "stays on the card: this file deletes others, and none of its kind",
}


class ForeignMemoryNotFreed(Rule):
    code = "LK622"
    languages: ClassVar[tuple[str, ...]] = ("python", "java")
    message = "What `{holder}()` returns in {where} {state}."
    advice = "Hand it to `{free}()` when it is done with."

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen = set()
        for found in Foreign(facts.growths).found():
            call = facts.call(found.effect)
            key = (call.name, facts.index.function(call.scope))
            if key in seen:
                continue
            seen.add(key)
            rows = [facts.evidence(found.effect, "allocated here")]
            if found.copied != NONE:
                rows.append(facts.evidence(found.copied, "copied here, and then dropped"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=call.name,
                confidence="medium",
                evidence=rows,
                where=f"`{facts.scope_name(call.scope)}()`",
                state=_STATES[found.how],
                free=found.free,
            )
