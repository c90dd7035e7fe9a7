"""gpu-memory-not-freed (LK641): what is made for the graphics card is never freed.

## What it does
Reports geometries, materials and textures of three.js that are made again and again in a file that takes
objects out of the scene and disposes of nothing, or by a method that puts a new mesh into the place of the
one that it takes out, and disposes of nothing itself; objects of WebGL and tensors of TensorFlow.js that a
function makes, keeps to itself and does not free, or that a class with an end of life forgets; and what
WebAssembly makes on its own heap (matrices of OpenCV, objects of CanvasKit and Bullet), frames and bitmaps.

## Why is this bad?
The renderer keeps buffers and programs on the graphics card until `dispose()` is called. Taking the mesh
out of the scene frees none of them: each object that comes and goes costs graphics memory. The memory of
textures, buffers and tensors is out of the collector's sight as well.

## Example
```js bad
import * as THREE from "three";

export class Tiles {
  show(tile) {
    const geometry = new THREE.PlaneGeometry(tile.size, tile.size);
    this.mesh = new THREE.Mesh(geometry, this.material);
    this.scene.add(this.mesh);
  }

  hide() {
    this.scene.remove(this.mesh);
  }
}
```

## Use instead
```js good
import * as THREE from "three";

export class Tiles {
  show(tile) {
    const geometry = new THREE.PlaneGeometry(tile.size, tile.size);
    this.mesh = new THREE.Mesh(geometry, this.material);
    this.scene.add(this.mesh);
  }

  hide() {
    this.scene.remove(this.mesh);
    this.mesh.geometry.dispose();
  }
}
```

## When it stays silent
Anything in the file is disposed of, but for meshes that are replaced; nothing is taken out of a scene;
geometries and materials are made by constructors or once. Objects of WebGL and tensors: when they are
returned, kept, freed by anything in their function, or made within `tf.tidy`.

## Runtime check
Not driven: a scene is drawn on a page.

## References
- [tf.tidy](https://js.tensorflow.org/api/latest/#tidy)
- [WebGL: delete objects eagerly](https://developer.mozilla.org/docs/Web/API/WebGL_API/WebGL_best_practices#delete_objects_eagerly)
- [three.js: how to dispose of objects](https://threejs.org/manual/#en/how-to-dispose-of-objects)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.leak import NativeLeak

_OF_GPU = frozenset({"WebGL object", "tensor", "result of a model", "render target"})


class GpuMemoryNotFreed(Rule):
    code = "LK641"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "The `{what}` that {where} makes stays on the graphics card: nothing disposes of it."
    left_message = "The {what} that {where} makes keeps memory that no collector frees: nothing ends it."
    advice = "Dispose of it when it is done with, or when the object that shows it leaves the scene."

    def check(self, facts: Facts) -> Iterator[Finding]:
        yield from self._left(facts)
        found = facts.manual.drawn()
        if found is None:
            return
        call = facts.call(found.made[0])
        rows = [facts.evidence(made, "made here, each time this runs") for made in found.made[:6]]
        rows.append(facts.evidence(found.removed, "taken out of the scene here"))
        yield self.finding(
            facts,
            call.at_name or call.at,
            call.end,
            holder=f"{facts.scope_name(call.scope)}.{call.name}",
            confidence="medium",
            evidence=rows,
            what=call.name,
            where=f"`{facts.scope_name(call.scope)}()`",
        )

    def _left(self, facts: Facts) -> Iterator[Finding]:
        """What nobody ends: objects of WebGL, tensors."""
        alike: dict[tuple[int, str], list[NativeLeak]] = {}
        for leak in facts.natives.found:
            if self._counts(facts, leak):
                function = facts.index.function(facts.call(leak.effect).scope)
                alike.setdefault((function, leak.row.name), []).append(leak)
        for leak, *others in alike.values():  # one finding for all of a kind that a function makes
            call = facts.call(leak.effect)
            made = [leak, *others[:5]]
            rows = [facts.evidence(each.effect, f"the {leak.row.name} is made here") for each in made]
            if leak.evidence != -1:
                rows.append(facts.evidence(leak.evidence, "not ended here"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=f"{facts.scope_name(call.scope)}.{call.name}",
                confidence="medium",
                evidence=rows,
                message=self.left_message if leak.row.name not in _OF_GPU else None,
                advice=f"Call `{leak.row.end[0]}()` when it is done with."
                if leak.row.name not in _OF_GPU
                else None,
                what=leak.row.name,
                where=f"`{facts.scope_name(call.scope)}()`",
            )

    def _counts(self, facts: Facts, leak: NativeLeak) -> bool:
        """Whether anybody should have ended it: drawing that fails ends the page, and so may a field live."""
        if leak.how in ("failed", "thrown"):
            return False
        owner = facts.lifecycle.owner_of(facts.call(leak.effect).scope)
        return leak.how != "field" or bool(facts.lifecycle.teardown_of(owner))
