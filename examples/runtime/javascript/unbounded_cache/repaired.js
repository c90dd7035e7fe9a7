const pages = new Map();
const LIMIT = 50;

function render(url) {
  return { url, body: `<h1>${url}</h1>` };
}

function serve(url) {
  if (!pages.has(url)) {
    if (pages.size >= LIMIT) pages.delete(pages.keys().next().value);
    pages.set(url, render(url));
  }
  return pages.get(url);
}

module.exports = { serve };
