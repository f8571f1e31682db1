import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type LoggerOptions } from './logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'packyard-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function logged(
  format: LoggerOptions['format'],
  write: (logger: Awaited<ReturnType<typeof createLogger>>) => void,
) {
  files += 1;
  const target = join(folder, `${files}.log`);
  const logger = await createLogger({ level: 'info', format, target });
  write(logger);
  logger.flush();
  return readFileSync(target, 'utf8');
}

describe('the logger', () => {
  test('writes one JSON object a line, with time, level and fields', async () => {
    const text = await logged('auto', (logger) => {
      logger.info({ status: 200 }, 'first');
      logger.debug('not at this level');
      logger.warn('second');
    });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 'info', msg: 'first', status: 200 },
      { level: 'warn', msg: 'second' },
    ]);
    expect(lines[0].time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('hides tokens wherever they stand, and the values of secret keys', async () => {
    const text = await logged('json', (logger) => {
      logger.info(
        { path: '/t/pky_Abc-1_2/x', headers: { Authorization: 'Basic c2VjcmV0' }, password: 'hunter2' },
        'pky_Zz9',
      );
      logger.error({ err: new Error('refused pky_Qq1') }, 'failed');
    });
    expect(text).not.toMatch(/Abc|c2VjcmV0|hunter2|Zz9|Qq1/);
    expect(text).toContain('/t/pky_[hidden]/x');
  });

  test('logs an error with its cause', async () => {
    const text = await logged('json', (logger) =>
      logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed'),
    );
    expect(text).toContain('outer');
    expect(text).toContain('inner');
  });

  test('never lets a client move the cursor of the terminal that shows the log', async () => {
    const text = await logged('pretty', (logger) => {
      logger.info({ path: 'a\u001b[2Jb\u009bc' }, 'msg \u001b[31m and literal \\u001b');
      logger.error({ err: new Error('bad \u001b[0m name') }, 'failed');
    });
    expect(text).toContain('\\u001b[2J');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test('writes warnings at once', async () => {
    const target = join(folder, 'urgent.log');
    const logger = await createLogger({ level: 'info', format: 'json', target });
    logger.info('waits');
    logger.warn('urgent');
    // No flush here: the event loop does it.
    while (!readFileSync(target, 'utf8').includes('urgent')) await Bun.sleep(1);
    expect(readFileSync(target, 'utf8')).toContain('waits');
  });

  test('loses nothing when the process ends at once after logging', async () => {
    const script = `
      import { createLogger } from ${JSON.stringify(join(import.meta.dir, 'logger.ts'))};
      const logger = await createLogger({ level: 'info', format: 'json' });
      logger.warn('one'); logger.info('two'); logger.error('three'); logger.flush(); logger.info('four');
      process.exit(0);`;
    for (let round = 0; round < 5; round += 1) {
      const { stderr } = Bun.spawnSync([process.execPath, '-e', script]);
      const messages = stderr
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
      expect(messages).toEqual(['one', 'two', 'three', 'four']);
    }
  });

  test('never mixes the lines of two processes that share a pipe, however slowly it is read', async () => {
    const script = `
      import { createLogger } from ${JSON.stringify(join(import.meta.dir, 'logger.ts'))};
      const logger = await createLogger({ level: 'info', format: 'json', fields: { worker: Number(process.env.WORKER) } });
      for (let round = 0; round < 20; round += 1) {
        for (let line = 0; line < 400; line += 1) logger.info({ filler: 'x'.repeat(100 + line % 50) }, 'line');
        await Bun.sleep(1);
      }
      logger.flush();`;
    const program = `for n in 1 2; do WORKER=$n "$0" -e "$1" & done; wait`;
    const both = Bun.spawn(['sh', '-c', `{ ${program}; } 2>&1`, process.execPath, script], { stdout: 'pipe' });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of both.stdout) {
      text += decoder.decode(chunk, { stream: true });
      await Bun.sleep(1);
    }
    const workers = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).worker);
    expect([1, 2].map((number) => workers.filter((worker) => worker === number).length)).toEqual([8000, 8000]);
  });
});
