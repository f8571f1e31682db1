/** What a token may be allowed to do in a repository; `admin` includes all the others. */
export const ACTIONS = ['read', 'write', 'delete', 'promote', 'admin'] as const;
export type Action = (typeof ACTIONS)[number];

/** Rights on every repository whose `format/name` matches the glob. */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly Action[];
}

/** Who makes the request, as found by the one check of credentials. */
export interface Principal {
  readonly kind: 'anonymous' | 'user';
  /** The user's name; `anonymous` without credentials. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tokenId?: string;
}

/** Who sends no credentials. */
export const ANONYMOUS: Principal = { kind: 'anonymous', name: 'anonymous', scopes: [] };
