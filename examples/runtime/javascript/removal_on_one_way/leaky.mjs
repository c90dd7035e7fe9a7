const loading = new Map();

async function read(path) {
  throw new Error(`${path}: not found`);
}

function load(path) {
  const work = read(path).then((text) => {
    loading.delete(path);
    return text;
  });
  loading.set(path, work);
  return work;
}

export async function serve(number) {
  const path = `/pages/${number}.html`;
  try {
    return await load(path);
  } catch {
    return "no such page";
  }
}
