class Disposable {
  constructor() {
    this.ends = [];
  }

  _register(end) {
    this.ends.push(end);
  }

  dispose() {
    for (const end of this.ends) end.dispose();
    this.ends = [];
  }
}

class Themes {
  constructor() {
    this.listeners = new Set();
  }

  onDidChangeTheme(listener) {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }
}

class Outline extends Disposable {
  constructor(themes) {
    super();
    this.node = new Set([1]);
    this._register(themes.onDidChangeTheme(() => this.draw()));
  }

  draw() {
    this.drawn = true;
  }

  dispose() {
    this.node.clear();
  }
}

const themes = new Themes();

function serve() {
  const outline = new Outline(themes);
  outline.dispose();
}

module.exports = { serve };
