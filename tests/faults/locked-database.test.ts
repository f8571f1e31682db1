import { Database } from 'bun:sqlite';
import { expect } from 'bun:test';
import { join } from 'node:path';
import { putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { stagedFiles } from '../support/staging.ts';
import { sqliteTest } from '../support/test-database.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

sqliteTest(
  'while another process holds the database, reading goes on and writing is 503 with Retry-After; then all is well',
  async () => {
    await putFile(server(), 'locked/p/1/before', 'before');
    const intruder = new Database(join(server().dataDir, 'packyard.sqlite'));
    try {
      intruder.run('BEGIN EXCLUSIVE');
      const json = { accept: 'application/json' };
      const refused = await putFile(server(), 'locked/p/1/during', 'during', json);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({
        ok: false,
        error: { code: 'unavailable', hint: expect.any(String) },
      });
      const read = await fetch(`${server().url}/repo/generic/locked/p/1/before`);
      expect([read.status, await read.text()]).toEqual([200, 'before']);
      intruder.run('ROLLBACK');
    } finally {
      intruder.close();
    }
    await eventually('the temporary file is removed', () => stagedFiles(server()).length === 0);
    expect((await fetch(`${server().url}/repo/generic/locked/p/1/during`)).status).toBe(404);
    expect((await putFile(server(), 'locked/p/1/during', 'during')).status).toBe(201);
  },
);

sqliteTest('an upload that meets a short lock waits for it', async () => {
  const intruder = new Database(join(server().dataDir, 'packyard.sqlite'));
  intruder.run('BEGIN IMMEDIATE');
  const upload = putFile(server(), 'locked/p/1/patient', 'patient');
  await Bun.sleep(300);
  intruder.run('ROLLBACK');
  intruder.close();
  expect((await upload).status).toBe(201);
});
