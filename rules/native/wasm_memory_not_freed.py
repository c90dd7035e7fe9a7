"""wasm-memory-not-freed (LK642): a block of a WebAssembly module's memory stays allocated.

## What it does
Reports blocks that a function allocates in the memory of a WebAssembly module (`_malloc`) and does not
free, or does not free on an early way out.

## Why is this bad?
The memory of the module can grow and never shrinks, and the garbage collector knows nothing of it. Each
call loses one more block, until an allocation fails.

## Example
```js bad
export function blur(module, pixels) {
  const pointer = module._malloc(pixels.length);
  module.HEAPU8.set(pixels, pointer);
  if (module._blur(pointer, pixels.length) !== 0) return null;
  const result = module.HEAPU8.slice(pointer, pointer + pixels.length);
  module._free(pointer);
  return result;
}
```

## Use instead
```js good
export function blur(module, pixels) {
  const pointer = module._malloc(pixels.length);
  try {
    module.HEAPU8.set(pixels, pointer);
    if (module._blur(pointer, pixels.length) !== 0) return null;
    return module.HEAPU8.slice(pointer, pointer + pixels.length);
  } finally {
    module._free(pointer);
  }
}
```

## When it stays silent
The pointer is returned, kept in a field or collection, or handed to a function of the file; it is freed
in a `finally`; the code runs once.

## Runtime check
Calls the function again and again; confirmed if the pointers that were not handed back grow in number.

## References
- [Emscripten: access memory from JavaScript](https://emscripten.org/docs/porting/connecting_cpp_and_javascript/Interacting-with-code.html#access-memory-from-javascript)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class WasmMemoryNotFreed(Rule):
    code = "LK642"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "Each run of {where} may leave a block allocated: `{pointer}` is not freed{way}."
    advice = "Free it in a `finally`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for block in facts.manual.blocks():
            call = facts.call(block.effect)
            rows = [facts.evidence(block.effect, "the block is allocated here")]
            if block.skipped != NONE:
                rows.append(facts.evidence(block.skipped, "the function is left here without freeing it"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=f"{facts.scope_name(call.scope)}.{facts.place_text(block.place)}",
                confidence="medium",
                evidence=rows,
                where=f"`{facts.scope_name(call.scope)}()`",
                pointer=facts.place_text(block.place),
                way=" on an early way out" if block.skipped != NONE else "",
            )
