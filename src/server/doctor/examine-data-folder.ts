import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

/** Bytes. */
const LITTLE = 2 ** 30;
const TOO_LITTLE = 100 * 2 ** 20;

/** The folder for everything that is kept, or for uploads on their way elsewhere. */
export async function examineDataFolder(path: string): Promise<readonly Finding[]> {
  const what = 'data folder';
  if (!existsSync(path)) {
    const hint = 'if there should be one: check the setting data, --data, and the folder that this was started in';
    return [{ status: 'warn', what, detail: `${path} is not there yet; the first start makes it`, hint }];
  }
  const probe = join(path, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, 'packyard');
  } catch (error) {
    const detail = `${path} cannot be written to (${error instanceof Error && 'code' in error ? error.code : error})`;
    return [{ status: 'fail', what, detail, hint: 'it must belong to the user that runs the server' }];
  } finally {
    await rm(probe, { force: true });
  }
  return [{ status: 'ok', what, detail: `${path} can be written to` }, await freeSpace(path)];
}

async function freeSpace(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free at ${path}`;
  const hint = 'free space on that volume; packyard gc --dry-run shows what it would free';
  if (free < TOO_LITTLE) return { status: 'fail', what: 'disk', detail, hint };
  return free < LITTLE ? { status: 'warn', what: 'disk', detail, hint } : { status: 'ok', what: 'disk', detail };
}
