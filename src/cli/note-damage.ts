import type { Damage } from '../registry/transfer/damage.ts';
import { formatBytes } from './byte-size.ts';
import type { Io } from './io.ts';
import { printableLine } from './printable.ts';

/** Blobs that are named one by one. */
const SHOWN = 20;

/** Says which bytes could not be copied and which files are affected. */
export function noteDamage(io: Io, damage: readonly Damage[], hint: string): void {
  if (damage.length === 0) return;
  for (const { sha256, size, problem, uses } of damage.slice(0, SHOWN)) {
    const what = problem === 'lost' ? 'is not there' : 'has other bytes';
    io.note(`damaged: sha256:${sha256} (${formatBytes(size)}) ${what}`);
    for (const use of uses) io.note(`  needed by ${printableLine(use)}`);
  }
  if (damage.length > SHOWN) io.note(`and ${damage.length - SHOWN} more; --json names all`);
  io.note(`try: ${hint}`);
}
