import type { Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';
import { foundation } from './001-foundation.ts';
import { lifetimes } from './002-lifetimes.ts';

/** Every migration by name, in order. One that has been released never changes: a correction is a new one. */
export function migrations(types: ColumnTypes): Record<string, Migration> {
  return {
    '001-foundation': foundation(types),
    '002-lifetimes': lifetimes(types),
  };
}
