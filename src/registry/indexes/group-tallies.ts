import type { IndexEntry } from './entry.ts';

/**
 * How many entries each group has, and the sum of their ids. Whatever comes has a higher id than all before it, so whenever
 * any came or went, one of the two is another.
 */
export type GroupTallies = ReadonlyMap<string, GroupTally>;

interface GroupTally {
  readonly count: number;
  readonly sum: number;
}

/** Sums are counted round: a number is exact up to 2^53. */
const ROUND = 2 ** 52;

type ByGroup = ReadonlyMap<string, readonly IndexEntry[]>;

/** The tallies after some entries came and others went; groups without entries are none. */
export function tallyAnew(before: GroupTallies, added: ByGroup, removed: ByGroup): GroupTallies {
  const tallies = new Map(before);
  const note = (entries: ByGroup, sign: 1 | -1) => {
    for (const [group, those] of entries) {
      let { count, sum } = tallies.get(group) ?? { count: 0, sum: 0 };
      for (const { id } of those) sum = (sum + sign * id + ROUND) % ROUND;
      count += sign * those.length;
      tallies.set(group, { count, sum });
    }
  };
  note(added, 1);
  note(removed, -1);
  for (const [group, { count }] of tallies) if (count <= 0) tallies.delete(group);
  return tallies;
}
