"use strict";
// Puts probes into a source text without moving a line: `CACHE.set(k, v)` becomes
// `__leaklint.see(0, CACHE, 0).set(k, v)`. It edits only a file whose SHA-256 is the one that was analysed.

const crypto = require("node:crypto");

const DECLARES = /^\s*(let|const|var)\b/;
const FUNCTION = /^\s*(async\s+)?function\b/; // a declaration where a statement stands: as an expression it has no name
const STATEMENT = /(^|[;{}]|\*\/|\b(export|default))\s*$/;
const MAY_FAIL = "a failure here leaves it in"; // of leaklint.runtime.ways
const LEAVES = /^(return|throw)\b([^]*?);?$/;

/** Whether what a site makes is watched, and not what it adds to: timers, observers, what is kept in no container. */
const makes = ({ holder }) => ["timer", "observer", "block", "unknown"].includes(holder.kind);

/** Insertions for one watch: { at, open, text }, in bytes of the text without byte order mark. */
function insertions(watch, number, bytes) {
  const found = [];
  const wrap = (span, before, after) => {
    const key = `${span.at}:${span.end}:${before}`;
    found.push({ key: `${key}(`, at: span.at, open: true, size: span.end - span.at, text: before });
    found.push({ key: `${key})`, at: span.end, open: false, size: span.end - span.at, text: after });
  };
  const text = (span) => bytes.subarray(span.at, span.end).toString("utf8");
  const stands = (span) => STATEMENT.test(bytes.subarray(Math.max(0, span.at - 200), span.at).toString("utf8"));
  const declares = (span) => DECLARES.test(text(span)) || (FUNCTION.test(text(span)) && stands(span));
  if (watch.initializer) wrap(watch.initializer, `__leaklint.made(${number},`, ")");
  for (const [index, site] of watch.sites.entries()) {
    if (site.receiver && !makes(watch) && text(site.receiver) !== "super") {
      wrap(site.receiver, `__leaklint.see(${number},`, `,${index},${site.depth})`);
    } else if (!declares(site.span) && !text(site.span).trimEnd().endsWith(";")) {
      wrap(site.span, `__leaklint.ran(${number},`, `,${index})`);
    }
  }
  for (const { handler } of watch.entries) {
    if (handler && handler.span) wrap(handler.span, `__leaklint.handed(${handler.span.at},`, ")");
  }
  watch.releases.forEach((release, index) => {
    const body = text(release.span);
    const left = LEAVES.exec(body);
    if (left) {
      const at = release.span.at + left[1].length;
      const end = at + Buffer.byteLength(left[2]);
      const gone = ` __leaklint.gone(${number},${index}`;
      if (end > at) wrap({ at, end }, `${gone},`, ")");
      else found.push({ key: `${at}:${gone}`, at, open: true, size: 0, text: `${gone})` });
    } else if (!DECLARES.test(body) && !body.trimEnd().endsWith(";")) {
      const tried = release.why === MAY_FAIL ? `__leaklint.tries(${number},${index})||` : "";
      wrap(release.span, `__leaklint.gone(${number},${index},${tried}`, ")");
    }
  });
  return found;
}

/** What makes the names of a module reachable that it does not export. It stands behind the last line. */
const tail = (file) => `\n;globalThis.__leaklint.scopes.set(${JSON.stringify(file)},(name)=>eval(name));`;

/** The text with probes; null if the file is not the one that was analysed. */
function edit(raw, watches, file, digest) {
  if (digest && crypto.createHash("sha256").update(raw).digest("hex") !== digest) return null;
  const bytes = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? raw.subarray(3) : raw;
  const all = [];
  watches.forEach((watch, number) => {
    if (watch.file === file && watch.digest === digest) all.push(...insertions(watch, number, bytes));
  });
  const unique = new Map(all.map((row) => [row.key, row]));
  // at one place: closings first, inner before outer; then openings, outer before inner
  const rows = [...unique.values()].sort(
    (a, b) => a.at - b.at || a.open - b.open || (a.open ? b.size - a.size : a.size - b.size),
  );
  const parts = [];
  let last = 0;
  for (const row of rows) {
    parts.push(bytes.subarray(last, row.at), Buffer.from(row.text));
    last = row.at;
  }
  parts.push(bytes.subarray(last));
  return Buffer.concat(parts).toString("utf8");
}

module.exports = { MAY_FAIL, edit, makes, tail };
