import type { Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';
import { foundation } from './001-foundation.ts';
import { lifetimes } from './002-lifetimes.ts';
import { search } from './003-search.ts';
import { indexes } from './004-indexes.ts';
import { images } from './005-images.ts';
import { purgedRevision } from './006-purged-revision.ts';

/** Every migration by name, in order. One that has been released never changes: a correction is a new one. */
const MIGRATIONS: Readonly<Record<string, (types: ColumnTypes) => Migration>> = {
  '001-foundation': foundation,
  '002-lifetimes': lifetimes,
  '003-search': search,
  '004-indexes': indexes,
  '005-images': images,
  '006-purged-revision': purgedRevision,
};

/** The names of all migrations that this version knows. */
export const LEVELS: readonly string[] = Object.keys(MIGRATIONS);

export function migrations(types: ColumnTypes): Record<string, Migration> {
  return Object.fromEntries(Object.entries(MIGRATIONS).map(([name, make]) => [name, make(types)]));
}
