/**
 * Gives others their turn between two pieces of work: a driver that answers at once would otherwise never let timers and
 * sockets have one.
 */
export async function* withPauses<T>(pieces: Iterable<T>): AsyncGenerator<T> {
  let isFirst = true;
  for (const piece of pieces) {
    if (!isFirst) await new Promise((resolve) => setImmediate(resolve));
    isFirst = false;
    yield piece;
  }
}
