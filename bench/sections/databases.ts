import { join } from 'node:path';
import { type Distribution, makeWheel } from '../../tests/support/wheel.ts';
import { makeFile } from '../files.ts';
import type { BenchContext, Row, Section } from '../section.ts';
import { BenchDatabase, DATABASES, type DatabaseName } from '../servers/database.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { curlUpload } from '../upload.ts';
import { offer, publish, publishAll, wheelsOf } from '../wheels.ts';
import { wrk } from '../wrk.ts';

const PROJECT = 'demo';
const FILES_OF_PROJECT = 100;
const PUBLISHERS = 64;
const WHEELS_OF_A_PUBLISHER = 10;

export const databases: Section = {
  id: 'databases',
  title: 'SQLite, PostgreSQL and MariaDB: publishing, reading, 64 publishers at once',
  async run(context) {
    const file = join(context.folder, 'small');
    makeFile(file, 1024);
    await using contestants = new AsyncDisposableStack();
    const servers = {} as Record<DatabaseName, PackyardServer>;
    for (const name of DATABASES) {
      const data = join(context.folder, `databases-${name}`);
      const database = contestants.use(await BenchDatabase.start(name, join(context.folder, `${name}.sqlite`)));
      const server = contestants.use(await PackyardServer.start(data, { flags: database.flags }));
      await publishAll(server, 'bench', wheelsOf(PROJECT, FILES_OF_PROJECT));
      await curlUpload(server, 'bench/file/1/f', file);
      servers[name] = server;
    }
    return [
      ...(await compare(context, servers, 40, 'publish a wheel', milliseconds, publishOne())),
      ...(await compare(context, servers, 3, 'GET 1 KB', perSecond, (server) =>
        load(context, server, '/repo/generic/bench/file/1/f', 32),
      )),
      ...(await compare(context, servers, 3, `simple page with ${FILES_OF_PROJECT} files`, perSecond, (server) =>
        load(context, server, `/repo/pypi/bench/${PROJECT}/`, 8),
      )),
      ...(await publishers(context, servers)),
    ];
  },
};

type Servers = Readonly<Record<DatabaseName, PackyardServer>>;

/** Each database beside SQLite. */
async function compare(
  context: BenchContext,
  servers: Servers,
  rounds: number,
  what: string,
  unit: (value: number) => string,
  measure: (server: PackyardServer) => Promise<number>,
): Promise<Row[]> {
  const turns = DATABASES.map((name) => [name, () => measure(servers[name])] as const);
  const result = await takeTurns(rounds, Object.fromEntries(turns) as Record<DatabaseName, () => Promise<number>>);
  context.note(`${what}: ${DATABASES.map((name) => `${name} ${unit(result[name])}`).join(', ')}`);
  return DATABASES.filter((name) => name !== 'SQLite').map((name) => ({
    what: `${what}, ${name} against SQLite`,
    packyard: unit(result[name]),
    peer: `SQLite ${unit(result.SQLite)}`,
    ratio: result[name] / result.SQLite,
  }));
}

function publishOne(): (server: PackyardServer) => Promise<number> {
  let turn = 0;
  return async (server) => {
    turn += 1;
    const wheel = makeWheel({ name: 'one', version: `1.${turn}` });
    const begin = performance.now();
    await publish(server, 'bench', wheel);
    return performance.now() - begin;
  };
}

async function load(context: BenchContext, server: PackyardServer, path: string, connections: number): Promise<number> {
  const { requestsPerSecond } = await wrk(context.folder, `${server.url}${path}`, { seconds: 3, connections });
  return requestsPerSecond;
}

/** Many at once into one repository, each with projects of its own and one that all of them add to. */
async function publishers(context: BenchContext, servers: Servers): Promise<Row[]> {
  const failures: Record<DatabaseName, number> = { SQLite: 0, PostgreSQL: 0, MariaDB: 0 };
  let round = 0;
  const measure = (name: DatabaseName) => async () => {
    round += 1;
    const work = Array.from({ length: PUBLISHERS }, (_, publisher) => wheelsOfPublisher(round, publisher));
    const begin = performance.now();
    const statuses = await Promise.all(work.map((wheels) => offerAll(servers[name], wheels)));
    const rate = (PUBLISHERS * WHEELS_OF_A_PUBLISHER) / ((performance.now() - begin) / 1000);
    const refused = statuses.flat().filter((status) => status >= 300);
    failures[name] += refused.length;
    context.note(`${PUBLISHERS} publishers, ${name}: ${perSecond(rate)}, refused: ${refused.join(' ') || 'none'}`);
    return rate;
  };
  const rate = await takeTurns(3, {
    SQLite: measure('SQLite'),
    PostgreSQL: measure('PostgreSQL'),
    MariaDB: measure('MariaDB'),
  });
  return DATABASES.map((name) => ({
    what: `${PUBLISHERS} publishers into one repository, ${name}`,
    packyard: `${perSecond(rate[name])}, ${failures[name]} refused`,
    peer: 'none refused',
    ratio: failures[name],
    target: { atMost: 0 },
  }));
}

function wheelsOfPublisher(round: number, publisher: number): Distribution[] {
  return Array.from({ length: WHEELS_OF_A_PUBLISHER }, (_, index) =>
    makeWheel({ name: index % 2 === 0 ? 'shared' : `own-${publisher}`, version: `${round}.${publisher}.${index}` }),
  );
}

async function offerAll(server: PackyardServer, wheels: readonly Distribution[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const wheel of wheels) statuses.push(await offer(server, 'busy', wheel));
  return statuses;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}
