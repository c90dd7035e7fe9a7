const events = new Map([
  ["read", []],
  ["write", []],
]);

export function serve(id) {
  events.get("read").push(id);
  return events.get("read").length;
}
