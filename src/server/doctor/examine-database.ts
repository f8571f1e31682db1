import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { ConnectionLost } from '../../database/dialects/transient-errors.ts';
import { type DatabaseFacts, inspectDatabase } from '../../database/inspect.ts';
import { listLeases } from '../../database/queries/leases.ts';
import { openMetadata } from '../open-metadata.ts';
import { examineSigning } from './examine-signing.ts';
import { type Finding, failed } from './finding.ts';

/** Milliseconds by which clocks may differ before it shows in grace periods and logs. */
const CLOCKS_DIFFER = 10_000;
/** Milliseconds in which whoever holds a lease shows that it is alive. */
const BEAT = 3_000;

/** The metadata: whether they can be reached, by which version they were written, and who works on them. */
export async function examineDatabase(config: Config): Promise<readonly Finding[]> {
  const what = 'database';
  const { database: place } = config;
  if (place.kind === 'sqlite' && place.path !== ':memory:' && !existsSync(place.path)) {
    const hint = 'if there should be one: check the settings data and database';
    return [{ status: 'warn', what, detail: `${place.path} is not there yet; the first start makes it`, hint }];
  }
  let database: Database | undefined;
  try {
    database = await openMetadata(config, { asIs: true });
    const facts = await inspectDatabase(database);
    const reached: Finding = {
      status: 'ok',
      what,
      detail: `${database.description} answers, version ${facts.version}`,
    };
    const leases = facts.applied.includes('002-lifetimes') ? [await examineLeases(database)] : [];
    const signing = facts.applied.includes('004-indexes') ? [await examineSigning(config, database)] : [];
    return [reached, tables(facts), ...(database.shared ? [clock(facts)] : []), ...leases, ...signing];
  } catch (error) {
    const lost = error instanceof ConnectionLost;
    return [
      failed(what, error, lost ? 'check that it runs, host and port in the database URL, and the network' : undefined),
    ];
  } finally {
    await database?.close();
  }
}

function tables({ applied, pending, unknown, incomplete }: DatabaseFacts): Finding {
  const what = 'tables';
  if (incomplete !== undefined) {
    const hint = 'run the same command again to finish it, or begin anew with an empty database and an empty storage';
    return { status: 'fail', what, detail: `half filled: the ${incomplete} was broken off`, hint };
  }
  if (unknown.length > 0) {
    const hint = 'run that version, or restore a backup from before the upgrade';
    return { status: 'fail', what, detail: `written by a newer version (${unknown.join(', ')})`, hint };
  }
  if (applied.length === 0) return { status: 'warn', what, detail: 'there are none yet; the first start makes them' };
  if (pending.length > 0) {
    const detail = `of an older version; the next start brings them up to date (${pending.join(', ')})`;
    return { status: 'warn', what, detail, hint: 'make a backup first: packyard backup' };
  }
  return { status: 'ok', what, detail: `up to date (${applied.at(-1)})` };
}

function clock({ clockDifference }: DatabaseFacts): Finding {
  const seconds = Math.abs(Math.round(clockDifference / 1000));
  const detail = `this machine is ${seconds} s ${clockDifference < 0 ? 'behind' : 'ahead of'} the database`;
  if (Math.abs(clockDifference) <= CLOCKS_DIFFER)
    return { status: 'ok', what: 'clock', detail: 'agrees with the database' };
  return { status: 'warn', what: 'clock', detail, hint: 'set the clocks of both machines: timedatectl set-ntp true' };
}

/** A lease whose holder is alive is beaten; one that stands still is left over from a process that died. */
async function examineLeases(database: Database): Promise<Finding> {
  const before = await listLeases(database.read);
  if (before.length === 0) return { status: 'ok', what: 'leases', detail: 'nobody works on anything alone' };
  await sleep(BEAT);
  const now = new Map((await listLeases(database.read)).map((lease) => [lease.name, lease]));
  const states = before.flatMap(({ name, beat, holder }) => {
    const lease = now.get(name);
    if (!lease) return [];
    return [`${name}: ${lease.beat === beat && lease.holder === holder ? 'left by a process that ended' : 'at work'}`];
  });
  // What is left over hinders nobody: whoever wants it takes it over after ten seconds.
  return { status: 'ok', what: 'leases', detail: states.join(', ') || 'nobody works on anything alone' };
}
