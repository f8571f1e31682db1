import type { Damage } from '../registry/transfer/damage.ts';
import { formatBytes } from './byte-size.ts';
import type { Io } from './io.ts';
import { printableLine } from './printable.ts';

/** Blobs that are named one by one. */
const SHOWN = 20;

/** Says which bytes could not be copied and which files are affected. */
export function noteDamage(io: Io, damage: Damage, hint: string): void {
  if (damage.count === 0) return;
  for (const { sha256, size, problem, uses } of damage.blobs.slice(0, SHOWN)) {
    const what = problem === 'lost' ? 'is not there' : 'has other bytes';
    io.note(`damaged: sha256:${sha256} (${formatBytes(size)}) ${what}`);
    for (const use of uses) io.note(`  needed by ${printableLine(use)}`);
  }
  if (damage.count > SHOWN) io.note(`and ${damage.count - SHOWN} more`);
  io.note(`try: ${hint}`);
}
