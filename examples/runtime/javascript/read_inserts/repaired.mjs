const topics = new Map();

function topic(name) {
  let found = topics.get(name);
  if (!found) {
    found = { listeners: [] };
    topics.set(name, found);
  }
  return found;
}

export function subscribe(name, listener) {
  topic(name).listeners.push(listener);
}

export function unsubscribe(name) {
  topics.delete(name);
}

export function hasListeners(name) {
  return (topics.get(name)?.listeners.length ?? 0) > 0;
}

export function serve(name) {
  return hasListeners(name);
}
