function makeLimiter() {
  const hits = new Map();
  return function allow(user) {
    hits.set(user, (hits.get(user) || 0) + 1);
    return hits.get(user) < 10;
  };
}

const allow = makeLimiter();

function serve(user) {
  return allow(user);
}

module.exports = { serve };
