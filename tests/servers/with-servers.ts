import { DatabaseServer, type DatabaseServerKind } from '../support/database-server.ts';

/**
 * `bun tests/servers/with-servers.ts postgres|mariadb -- COMMAND…`: runs a command with `TEST_DATABASE_URL` naming a server
 * that is there for this command alone, and ends with its exit code; 77 where the server is not installed.
 */
const [kind, separator, ...command] = Bun.argv.slice(2);
if ((kind !== 'postgres' && kind !== 'mariadb') || separator !== '--' || command.length === 0) {
  throw new Error('usage: with-servers.ts postgres|mariadb -- COMMAND…');
}
process.exit(await runWith(kind));

async function runWith(server: DatabaseServerKind): Promise<number> {
  if (!DatabaseServer.isInstalled(server)) return 77;
  await using running = await DatabaseServer.start(server);
  const child = Bun.spawn(command, {
    env: { ...process.env, TEST_DATABASE_URL: running.url },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // Whoever interrupts the tests gets the server stopped as well: the command ends, and with it this function.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return await child.exited;
}
