import { z } from 'zod';
import type { DatabaseLocation } from './config.ts';
import { pathOf, schemeOf } from './value-types.ts';

/** Every scheme that means a server, as Packyard and older tools write it. */
const SERVERS: ReadonlyMap<string, 'postgres' | 'mysql'> = new Map([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  // As SQLAlchemy names its drivers.
  ['mysql+pymysql', 'mysql'],
  ['mysql+mysqldb', 'mysql'],
  ['mysql+mysqlconnector', 'mysql'],
  ['postgresql+psycopg', 'postgres'],
  ['postgresql+psycopg2', 'postgres'],
]);

const EXPECTED = 'sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE';

/** Where the database is. A refusal never repeats the address: it may hold a password. */
export function databaseUrl() {
  return z.unknown().transform((raw, context): DatabaseLocation => {
    const text = typeof raw === 'string' ? raw.trim() : '';
    const path = pathOf(text, 'sqlite');
    if (path) return { kind: 'sqlite', path };
    const scheme = schemeOf(text) ?? '';
    const kind = SERVERS.get(scheme);
    const url = kind && URL.parse(`${kind}${text.slice(scheme.length)}`);
    if (kind && url && url.pathname.length > 1) return { kind, url: url.href };
    context.addIssue({ code: 'custom', message: problem(scheme, kind, url) });
    return z.NEVER;
  });
}

function problem(scheme: string, kind: string | undefined, url: URL | null | undefined): string {
  if (kind && url) return `it names no database: expected ${scheme}://USER:PASSWORD@HOST/DATABASE`;
  if (kind)
    return `it is not an address (percent-encode special characters of the password): expected ${scheme}://USER:PASSWORD@HOST/DATABASE`;
  const unknown = scheme !== '' && scheme !== 'sqlite' ? `${scheme} databases are not known here, ` : '';
  return `${unknown}expected ${EXPECTED}`;
}
