import type { Migration } from 'kysely';
import { foundation } from './001-foundation.ts';

/** Every migration by name, in order. One that has been released never changes: a correction is a new one. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-foundation': foundation,
};
