const pages = new Map();

function render(url) {
  return { url, body: `<h1>${url}</h1>` };
}

function serve(url) {
  if (!pages.has(url)) {
    pages.set(url, render(url));
  }
  return pages.get(url);
}

module.exports = { serve };
