import type { Connection } from './connection.ts';
import { checkRepositoryName } from './names.ts';

/** A repository at the end of a connection. */
export interface Place {
  readonly connection: Connection;
  readonly name: string;
}

export type Action = 'pull' | 'push' | 'delete';

/** A path below the repository; what is filled in is checked by the caller. */
export function pathIn(place: Place, rest: string): string {
  return `/v2/${checkRepositoryName(place.name)}/${rest}`;
}

export function scopeOf(name: string, ...actions: readonly Action[]): string {
  return `repository:${name}:${actions.join(',')}`;
}
