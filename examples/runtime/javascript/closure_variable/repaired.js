function makeLimiter() {
  const hits = new Map();
  return function allow(user) {
    hits.set(user, (hits.get(user) || 0) + 1);
    const allowed = hits.get(user) < 10;
    if (hits.size > 50) hits.clear();
    return allowed;
  };
}

const allow = makeLimiter();

function serve(user) {
  return allow(user);
}

module.exports = { serve };
