import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import {
  deletesObjects,
  listsObjects,
  listsUnfinished,
  type ObjectBody,
  type ObjectStore,
  tellsTime,
} from '../../storage/object-store.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';
import { type Finding, failed } from './finding.ts';

/** Milliseconds by which clocks may differ: object stores refuse requests that are a quarter of an hour off. */
const CLOCKS_DIFFER = 60_000;
const REFUSED_FROM = 15 * 60_000;

/** The bytes: each thing that a server does with them is tried. */
export async function examineStorage({ storage, data }: Config): Promise<readonly Finding[]> {
  const what = 'storage';
  if (storage.kind === 'memory') {
    return [{ status: 'warn', what, detail: 'in memory: everything is lost when the server ends' }];
  }
  if (storage.kind === 'file' && !existsSync(storage.path)) {
    const hint = 'if there should be one: check the settings data and storage';
    return [{ status: 'warn', what, detail: `${storage.path} is not there yet; the first start makes it`, hint }];
  }
  try {
    const store = await openObjectStore(storage, { staging: join(data, 'staging') });
    return [
      { status: 'ok', what, detail: `${store.description} can be reached` },
      await attempt('storage: bytes', 'are stored, read and removed', () => storeAndRemove(store)),
      await attempt('storage: list', 'can be listed, as gc and fsck need it', () => list(store)),
      ...(tellsTime(store) ? [await compareClocks(() => store.clockDifference())] : []),
    ];
  } catch (error) {
    return [failed(what, error)];
  }
}

async function attempt(what: string, detail: string, work: () => Promise<void>): Promise<Finding> {
  try {
    await work();
    return { status: 'ok', what, detail };
  } catch (error) {
    return failed(what, error);
  }
}

async function storeAndRemove(store: ObjectStore): Promise<void> {
  // Random bytes: nobody ever publishes the same.
  const staged = await store.stage([randomBytes(64)]);
  try {
    const key = await staged.commit();
    try {
      const found = new Bun.CryptoHasher('sha256').update(await bytesOf(await store.open(key))).digest('hex');
      if (found !== staged.sha256.hex) throw new Error('other bytes come back than were stored');
    } finally {
      if (deletesObjects(store)) await store.delete(key);
    }
  } finally {
    await staged.discard();
  }
}

async function bytesOf(body: ObjectBody): Promise<Uint8Array> {
  return body instanceof Blob ? body.bytes() : Bun.readableStreamToBytes(body);
}

/** One of each is enough to see whether it is allowed. */
async function list(store: ObjectStore): Promise<void> {
  if (listsObjects(store)) for await (const _ of store.list()) break;
  if (listsUnfinished(store)) for await (const _ of store.unfinished()) break;
}

async function compareClocks(difference: () => Promise<number>): Promise<Finding> {
  const what = 'storage: clock';
  try {
    const off = await difference();
    if (Math.abs(off) <= CLOCKS_DIFFER) return { status: 'ok', what, detail: 'agrees with this machine' };
    return {
      status: Math.abs(off) < REFUSED_FROM ? 'warn' : 'fail',
      what,
      detail: `this machine is ${Math.abs(Math.round(off / 1000))} s ${off < 0 ? 'behind' : 'ahead of'} the storage`,
      hint: 'set the clock (timedatectl set-ntp true): object stores refuse requests that are 15 minutes off',
    };
  } catch (error) {
    return failed(what, error);
  }
}
