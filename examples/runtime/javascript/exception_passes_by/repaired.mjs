const running = new Map();

async function resize(image) {
  if (image.width === 0) {
    throw new RangeError(`${image.name} is empty`);
  }
  return image.width / 2;
}

async function handle(image, work) {
  running.set(image.name, image);
  try {
    return await work(image);
  } finally {
    running.delete(image.name);
  }
}

export async function serve(number) {
  try {
    return await handle({ name: `image-${number}`, width: 0 }, resize);
  } catch {
    return 0;
  }
}
