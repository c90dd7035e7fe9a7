class TileCache {
  tiles = new Map();

  put(key, tile) {
    if (this.tiles.size >= 20) {
      this.tiles.delete(this.tiles.keys().next().value);
    }
    this.tiles.set(key, tile);
  }

  prefetch(keys) {
    for (const key of keys) {
      this.tiles.set(key, key + key);
    }
  }
}

const cache = new TileCache();

export function serve(name) {
  cache.prefetch([`${name}.left`, `${name}.right`]);
  return cache.tiles.size;
}
