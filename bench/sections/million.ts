import { join } from 'node:path';
import { ask, pick } from '../ask.ts';
import { FILES, fillDatabase } from '../fill-database.ts';
import type { BenchContext, Row, Section } from '../section.ts';
import { BenchDatabase } from '../servers/database.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { median, percentile, takeTurns } from '../statistics.ts';
import { VIEWS, type View, type ViewKind } from '../views.ts';

const LIMIT = 20;
const ROUNDS = 3;
const REQUESTS = 300;
const STARTS = 9;

export const million: Section = {
  id: 'million',
  title: `${FILES.toLocaleString('en')} files: lists, searches, pages, start`,
  async run(context) {
    const rows: Row[] = [];
    for (const name of ['SQLite', 'PostgreSQL'] as const) {
      await using empty = await BenchDatabase.start(name, join(context.folder, 'empty.sqlite'));
      await using full = await BenchDatabase.start(name, join(context.folder, 'million.sqlite'));
      await fillDatabase(full.url, context.note);
      await full.settle();
      const data = {
        empty: join(context.folder, `million-empty-${name}`),
        full: join(context.folder, `million-${name}`),
      };
      await firstStart(data.empty, empty);
      const token = await firstStart(data.full, full);
      rows.push(
        await startTime(
          name,
          () => again(data.empty, empty),
          () => again(data.full, full),
        ),
      );
      await using server = await PackyardServer.start(data.full, { token, flags: full.flags });
      rows.push(...(await views(context, name, server)));
    }
    return rows;
  },
};

/** Makes the administrator's token and returns it. */
async function firstStart(data: string, { flags }: BenchDatabase): Promise<string> {
  await using server = await PackyardServer.start(data, { flags });
  return server.token;
}

/** Milliseconds of another start. */
async function again(data: string, { flags }: BenchDatabase): Promise<number> {
  await using server = await PackyardServer.start(data, { token: '', flags });
  return server.startTime;
}

async function startTime(name: string, empty: () => Promise<number>, full: () => Promise<number>): Promise<Row> {
  const result = await takeTurns(STARTS, { empty, full });
  return {
    what: `${FILES.toLocaleString('en')} files, ${name}: start`,
    packyard: `${result.full.toFixed(0)} ms`,
    peer: `${result.empty.toFixed(0)} ms when empty`,
    ratio: result.full / result.empty,
    target: { atMost: 1.2 },
  };
}

/** One row for each kind of view: the slowest of them. */
async function views(context: BenchContext, name: string, server: PackyardServer): Promise<Row[]> {
  const measured: { readonly view: View; readonly p50: number; readonly p99: number }[] = [];
  for (const view of VIEWS) {
    const headers = { ...server.authorization, ...(view.accept !== undefined && { accept: view.accept }) };
    const url = () => server.url + view.path(pick);
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ask(REQUESTS, url, headers));
    const of = (percent: number) => median(rounds.map((times) => percentile(times, percent)));
    const result = { view, p50: of(50), p99: of(99) };
    context.note(
      `${name}, ${view.kind}: ${view.what}: p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms`,
    );
    measured.push(result);
  }
  const slowest = new Map<ViewKind, (typeof measured)[number]>();
  for (const result of measured) {
    if (result.p99 > (slowest.get(result.view.kind)?.p99 ?? 0)) slowest.set(result.view.kind, result);
  }
  return [...slowest].map(([kind, { view, p50, p99 }]) => ({
    what: `${FILES.toLocaleString('en')} files, ${name}: slowest ${kind} (${view.what})`,
    packyard: `p99 ${p99.toFixed(1)} ms, p50 ${p50.toFixed(1)} ms`,
    peer: `limit ${LIMIT} ms`,
    ratio: p99 / LIMIT,
    target: { atMost: 1 },
  }));
}
