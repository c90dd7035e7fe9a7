const models = new Map();
const gone = new FinalizationRegistry((id) => {
  if (!models.get(id)?.deref()) models.delete(id);
});

function model(id) {
  const known = models.get(id)?.deref();
  if (known) return known;
  const made = { id, rows: [] };
  models.set(id, new WeakRef(made));
  gone.register(made, id);
  return made;
}

export function serve(id) {
  return model(id).rows.length;
}
