function memoize(compute, limit) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) {
      if (known.size >= limit) known.clear();
      known.set(key, compute(key));
    }
    return known.get(key);
  };
}

const square = memoize((text) => `${text}${text}`, 40);

function serve(text) {
  return square(text);
}

module.exports = { serve };
