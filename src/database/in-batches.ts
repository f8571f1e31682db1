/** So many values fit into one statement of every database, and so many rows are handled before others get their turn. */
const BATCH = 500;

/** Cuts a list into pieces for one statement each. */
export function* inBatches<T>(items: readonly T[], size = BATCH): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
