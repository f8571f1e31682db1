/** What a token is good for: actions by resource, e.g. `repository:team/app` → pull, push. */
export type Scopes = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads scopes as challenges and token requests have them: `repository:team/app:pull,push`, separated by spaces. */
export function parseScopes(...texts: readonly string[]): Scopes {
  const scopes = new Map<string, ReadonlySet<string>>();
  for (const text of texts.flatMap((entry) => entry.split(/\s+/))) {
    // The name in between may have a colon of its own, before a port.
    const [, resource, actions] = /^([^:]+:.+):([^:]*)$/.exec(text) ?? [];
    if (resource === undefined || actions === undefined) continue;
    const named = actions.split(',').filter((action) => action !== '');
    scopes.set(resource, new Set([...(scopes.get(resource) ?? []), ...named]));
  }
  return scopes;
}

export function formatScopes(scopes: Scopes): string[] {
  return [...scopes].map(([resource, actions]) => `${resource}:${[...actions].join(',')}`);
}

export function joinScopes(left: Scopes, right: Scopes): Scopes {
  return parseScopes(...formatScopes(left), ...formatScopes(right));
}

/** Whether whoever may do everything in `held` may do everything in `needed`. */
export function covers(held: Scopes, needed: Scopes): boolean {
  return [...needed].every(([resource, actions]) => {
    const granted = held.get(resource);
    return granted !== undefined && (granted.has('*') || [...actions].every((action) => granted.has(action)));
  });
}
