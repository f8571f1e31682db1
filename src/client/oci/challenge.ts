/** One way to log in that a server offers. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;
const SEPARATOR = /[ \t,]*/y;

/**
 * Reads `WWW-Authenticate` (RFC 9110, section 11.6.1): challenges and their parameters are both separated by commas, and quoted
 * values contain commas. Several header lines arrive here joined by commas. What cannot be understood ends the list.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(header)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const takeQuoted = (): string => {
    let value = '';
    for (at += 1; at < header.length && header[at] !== '"'; at += 1) {
      if (header[at] === '\\' && at + 1 < header.length) at += 1;
      value += header[at];
    }
    at += 1;
    return value;
  };
  /** `name=value`; nothing, and nowhere else, when a scheme or something else follows. */
  const takeParameter = (): readonly [string, string] | undefined => {
    const start = at;
    const name = take(TOKEN);
    take(SPACE);
    if (name !== undefined && header[at] === '=') {
      at += 1;
      take(SPACE);
      const value = header[at] === '"' ? takeQuoted() : take(TOKEN);
      if (value !== undefined) return [name.toLowerCase(), value];
    }
    at = start;
    return undefined;
  };
  for (;;) {
    take(SEPARATOR);
    const scheme = take(TOKEN);
    if (scheme === undefined) return challenges;
    const parameters = new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    if (take(SPACE) === '') continue;
    if (take(TOKEN68) !== undefined) continue;
    for (let found = takeParameter(); found !== undefined; found = takeParameter()) {
      if (!parameters.has(found[0])) parameters.set(...found);
      take(SEPARATOR);
    }
  }
}
