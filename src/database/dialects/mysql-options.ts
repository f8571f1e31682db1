import type { PoolOptions } from 'mysql2';
import { invalid } from '../../model/errors.ts';

/**
 * Connection options out of `mysql://user:password@host:port/database`. Of the parameters, `ssl` (`true`, or `skip-verify`
 * for a certificate that nobody vouches for) and `socket` mean something; SQLAlchemy's `charset` is read over, since text is
 * always UTF-8.
 * @throws PackyardError `invalid_request`
 */
export function mysqlOptions(url: string): PoolOptions {
  const parsed = new URL(url);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (database === '')
    throw invalid('the database URL names no database', { hint: 'mysql://user:password@host/database' });
  const parameters = parsed.searchParams;
  for (const name of parameters.keys()) {
    if (!['ssl', 'socket', 'charset'].includes(name))
      throw invalid(`the database URL has an unknown parameter ${name}`, { hint: 'ssl and socket are known' });
  }
  const ssl = parameters.get('ssl');
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username) || undefined,
    password: decodeURIComponent(parsed.password) || undefined,
    database,
    socketPath: parameters.get('socket') ?? undefined,
    ssl: ssl === null ? undefined : { rejectUnauthorized: ssl !== 'skip-verify' },
    charset: 'utf8mb4',
    connectTimeout: 5_000,
    enableKeepAlive: true,
    waitForConnections: true,
    // Sums and counts are decimals to MySQL; ours are whole numbers below 2⁵³.
    decimalNumbers: true,
  };
}
