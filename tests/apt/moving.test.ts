import { expect, test } from 'bun:test';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout } from '../support/paths.ts';
import { type RunResult, run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { FAST_KEYS, listed, publishDeb, read } from './repository.ts';

const server = useServer(FAST_KEYS);

function packyard(args: readonly string[]): Promise<RunResult> {
  return run(['node', inCheckout('bin/packyard'), ...args], FAST_KEYS);
}

test('a backup brings everything back, and the secret of the keys travels apart from it', async () => {
  await publishDeb(
    server(),
    { repository: 'moved' },
    { control: { Package: 'tool', Version: '1', Architecture: 'amd64' } },
  );
  const key = await read(server(), 'moved', 'pubkey');
  const secret = join(server().dataDir, 'signing-secret');
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  using folder = new TempFolder('moving');
  const backup = folder.join('backup');
  expect(await packyard(['backup', backup, ...server().placeFlags])).toMatchObject({ code: 0 });
  const data = folder.join('data');
  expect(await packyard(['restore', backup, '--data', data])).toMatchObject({ code: 0 });

  const without = await packyard(['doctor', '--data', data, '--listen', '127.0.0.1:0']);
  expect(without.output).toContain('signing-secret');
  expect(without.code).not.toBe(0);
  expect(existsSync(join(data, 'signing-secret'))).toBe(false);
  copyFileSync(secret, join(data, 'signing-secret'));
  expect(await packyard(['doctor', '--data', data, '--listen', '127.0.0.1:0'])).toMatchObject({ code: 0 });

  const database = `sqlite:${data}/packyard.sqlite`;
  const options = { dataDir: data, database, adminToken: server().adminToken, env: FAST_KEYS.env };
  const restored = await TestServer.start(options);
  try {
    expect(await read(restored, 'moved', 'pubkey')).toBe(key);
    expect(await listed(restored, 'moved')).toEqual(['tool 1']);
  } finally {
    await restored.stop();
  }
});
