"""gpu-memory-not-freed (LK641): what is taken out of a scene stays on the graphics card.

## What it does
Reports geometries, materials and textures of three.js that are made again and again in a file that takes
objects out of the scene and disposes of nothing.

## Why is this bad?
The renderer keeps buffers and programs on the graphics card until `dispose()` is called. Taking the mesh
out of the scene frees none of them: each object that comes and goes costs graphics memory.

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
Anything in the file is disposed of; nothing is taken out of a scene; geometries and materials are made by
constructors or once.

## Runtime check
Not driven: a scene is drawn on a page.

## References
- [three.js: how to dispose of objects](https://threejs.org/manual/#en/how-to-dispose-of-objects)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class GpuMemoryNotFreed(Rule):
    code = "LK641"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "The `{what}` that {where} makes stays on the graphics card: nothing disposes of it."
    advice = "Call `dispose()` on geometry, material and textures when the object leaves the scene."

    def check(self, facts: Facts) -> Iterator[Finding]:
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
