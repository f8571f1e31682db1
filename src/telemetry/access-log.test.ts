import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessLog } from './access-log.ts';
import { createLogger } from './logger.ts';

const line = {
  requestId: 'request-1',
  method: 'GET',
  path: '/repo/"quoted"\\\n/t/pky_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x',
  status: 200,
  milliseconds: 1.2345,
  address: '192.0.2.1',
};

test('a request is logged as the logger itself would log it, without tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-log-'));
  try {
    const target = join(folder, 'log');
    const logger = await createLogger({ level: 'info', format: 'json', target, fields: { worker: 2 } });
    AccessLog.of(logger)?.write(line);
    const { milliseconds: _, ...fields } = line;
    logger.info({ ...fields, ms: 1.23 }, 'request');
    logger.flush();
    const [ours, pinos] = readFileSync(target, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(Object.keys(ours).sort()).toEqual(Object.keys(pinos).sort());
    expect({ ...ours, time: '' }).toEqual({ ...pinos, time: '' });
    expect(ours.path).toContain('pky_[hidden]');
    expect(ours.worker).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('there is no request log where the level leaves requests out', async () => {
  expect(AccessLog.of(await createLogger({ level: 'warn', format: 'json' }))).toBeUndefined();
});
