import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackyardError } from '../model/errors.ts';
import { describeConfig, maskSecrets } from './describe-config.ts';
import { type LoadConfigOptions, loadConfig } from './load-config.ts';

const root = mkdtempSync(join(tmpdir(), 'packyard-config-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A working folder with this `packyard.yaml`. */
function folder(yaml?: string): string {
  const path = mkdtempSync(join(root, 'cwd-'));
  if (yaml !== undefined) writeFileSync(join(path, 'packyard.yaml'), yaml);
  return path;
}

function load(options: LoadConfigOptions) {
  return loadConfig({ env: {}, cwd: root, ...options });
}

async function refusal(options: LoadConfigOptions): Promise<{ message: string; hint: string }> {
  const error: unknown = await load(options).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof PackyardError)) throw new Error(`expected a refusal, got ${error}`);
  expect(error.code).toBe('invalid_request');
  return { message: error.message, hint: error.hint ?? '' };
}

describe('without any setting', () => {
  test('everything has a default', async () => {
    const cwd = folder();
    const { config, origins } = await load({ cwd });
    expect(config).toEqual({
      listen: { host: '127.0.0.1', port: 8080 },
      data: join(cwd, 'packyard-data'),
      database: { kind: 'sqlite', path: join(cwd, 'packyard-data/packyard.sqlite') },
      storage: { kind: 'file', path: join(cwd, 'packyard-data/blobs') },
      anonymous: 'read',
      publicUrl: undefined,
      trustedProxies: [],
      log: { level: 'info', format: 'auto' },
      limits: { uploadBytes: undefined, formFields: 2000, failedLoginsPerMinute: 10 },
      workers: 1,
      drainSeconds: 0,
      shutdownSeconds: 30,
      gc: { grace: 7 * 86_400_000, every: 86_400_000 },
      repositories: { keepEmpty: false },
      cache: { documentsBytes: 33_554_432, indexesBytes: 134_217_728 },
      indexes: { keep: 6 * 3_600_000 },
      signing: { secret: undefined, algorithm: 'rsa4096' },
      redirects: { networks: [] },
    });
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  test('the result is frozen', async () => {
    const { config } = await load({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits)).toBe(true);
  });
});

describe('precedence', () => {
  const cwd = folder('listen: 1.1.1.1:1\nlog:\n  level: error\n  format: json\n');

  test('a flag goes before the environment, the environment before the file, the file before the default', async () => {
    const flags = { listen: '3.3.3.3:3' };
    const env = { PACKYARD_LISTEN: '2.2.2.2:2', PACKYARD_LOG_LEVEL: 'warn' };
    const { config, origins } = await load({ cwd, env, flags });
    expect(config.listen).toEqual({ host: '3.3.3.3', port: 3 });
    expect(config.log).toEqual({ level: 'warn', format: 'json' });
    expect(origins).toMatchObject({
      listen: '--listen',
      'log.level': 'PACKYARD_LOG_LEVEL',
      'log.format': 'packyard.yaml:4',
      anonymous: 'default',
    });
  });

  test('PACKYARD_DATABASE goes before DATABASE_URL, and an empty variable is not set', async () => {
    const env = { DATABASE_URL: 'sqlite:/a', PACKYARD_DATABASE: 'sqlite:/b', PACKYARD_LISTEN: '' };
    expect((await load({ env })).config.database).toEqual({ kind: 'sqlite', path: '/b' });
    const { config, origins } = await load({ env: { ...env, PACKYARD_DATABASE: '' } });
    expect(config.database).toEqual({ kind: 'sqlite', path: '/a' });
    expect(origins).toMatchObject({ database: 'DATABASE_URL', listen: 'default' });
  });

  test('a losing value is not judged', async () => {
    const env = { DATABASE_URL: 'postgres://other/app' };
    expect((await load({ env, flags: { database: 'sqlite:/a' } })).config.database).toEqual({
      kind: 'sqlite',
      path: '/a',
    });
  });
});

describe('the file', () => {
  test('is found by --config and by PACKYARD_CONFIG, and its paths begin where it is', async () => {
    const elsewhere = folder('data: ./here\ntrusted_proxies: [10.0.0.0/8, "::1"]\nlimits: { upload_bytes: 5 GiB }\n');
    const path = join(elsewhere, 'packyard.yaml');
    const { config } = await load({ flags: { config: path } });
    expect(config.data).toBe(join(elsewhere, 'here'));
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    expect(config.limits.uploadBytes).toBe(5 * 2 ** 30);
    expect((await load({ env: { PACKYARD_CONFIG: path } })).config).toEqual(config);
  });

  test('must be there when it was named', async () => {
    expect((await refusal({ flags: { config: 'none.yaml' } })).message).toContain('none.yaml');
  });

  test('with an unknown key is refused with its line and the nearest known key', async () => {
    const refused = await refusal({ cwd: folder('anonymous: read\nlog:\n  levle: info\n') });
    expect(refused.message).toBe('packyard.yaml:3: unknown key "log.levle"');
    expect(refused.hint).toBe('log.level');
    expect((await refusal({ cwd: folder('zzzzzzzzzz: 1\n') })).hint).toContain('config show');
  });

  test('that is not YAML is refused with the line, in our words', async () => {
    const refused = await refusal({ cwd: folder('listen: a:1\nlisten: b:2\n') });
    expect(refused.message).toContain('packyard.yaml:2: not valid YAML: duplicate key');
  });

  test('that is empty, only comments, or leaves a value out changes nothing', async () => {
    for (const yaml of ['', '# nothing\n', 'listen:\n']) {
      expect((await load({ cwd: folder(yaml) })).config.listen.port).toBe(8080);
    }
  });

  test('that is a list, or a section that is a text, is refused', async () => {
    expect((await refusal({ cwd: folder('- listen\n') })).message).toContain('the file: expected keys');
    expect((await refusal({ cwd: folder('log: info\n') })).message).toContain('log: expected keys');
  });

  test('with a wrong value is refused with file, line, key and what was found', async () => {
    const refused = await refusal({ cwd: folder('anonymous: perhaps\n') });
    expect(refused.message).toBe('packyard.yaml:1: anonymous: expected one of none, read or write, found "perhaps"');
  });
});

describe('the environment', () => {
  test('with an unknown PACKYARD_ variable is refused with the nearest known one', async () => {
    const refused = await refusal({ env: { PACKYARD_LISTN: ':1' } });
    expect(refused.message).toBe('unknown environment variable PACKYARD_LISTN');
    expect(refused.hint).toBe('PACKYARD_LISTEN');
  });

  test('may hold what the command line needs, and anything of other programs', async () => {
    await load({ env: { PACKYARD_URL: 'http://x', PACKYARD_TOKEN: 'pky_1', PACKYARDX: '1', LISTEN: '9' } });
  });

  test('gives secrets by file, without the line end', async () => {
    const file = join(root, 'database-url');
    writeFileSync(file, 'sqlite:/from-file\n');
    const { config, origins } = await load({ env: { DATABASE_URL_FILE: file } });
    expect(config.database).toEqual({ kind: 'sqlite', path: '/from-file' });
    expect(origins.database).toBe('DATABASE_URL_FILE');
  });

  test('with a variable and its file at once, or a file that is not there, is refused', async () => {
    const both = { DATABASE_URL: 'sqlite:/a', DATABASE_URL_FILE: '/b' };
    expect((await refusal({ env: both })).message).toBe('both DATABASE_URL and DATABASE_URL_FILE are set');
    expect((await refusal({ env: { PACKYARD_STORAGE_FILE: '/no/such' } })).message).toContain('/no/such');
  });
});

describe('values', () => {
  test.each([
    ['[::1]:0', { host: '::1', port: 0 }],
    [':8080', { host: '0.0.0.0', port: 8080 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('listen takes %s', async (listen, expected) => {
    expect((await load({ flags: { listen } })).config.listen).toEqual(expected);
  });

  test.each(['8080', 'host', 'host:', 'host:65536', '::1:80', 'http://x:1', 'a b:1', ''])(
    'listen refuses %p',
    async (listen) => {
      expect((await refusal({ flags: { listen } })).message).toContain('--listen: listen: expected HOST:PORT');
    },
  );

  test.each([
    ['sqlite:relative/db', join(root, 'relative/db')],
    ['sqlite:/absolute/db', '/absolute/db'],
    ['sqlite:///absolute/db', '/absolute/db'],
    ['sqlite::memory:', ':memory:'],
  ])('database takes %s', async (database, path) => {
    expect((await load({ flags: { database } })).config.database).toEqual({ kind: 'sqlite', path });
  });

  test.each([
    ['postgres://user:hunter2@db/app', 'postgres', 'postgres://user:hunter2@db/app'],
    ['postgresql://db:6432/app?sslmode=require', 'postgres', 'postgres://db:6432/app?sslmode=require'],
    ['mysql://user:hunter2@db/app', 'mysql', 'mysql://user:hunter2@db/app'],
    ['mysql+pymysql://user:hunter2@db/app?charset=utf8', 'mysql', 'mysql://user:hunter2@db/app?charset=utf8'],
  ] as const)('database takes the server %s', async (database, kind, url) => {
    expect((await load({ env: { DATABASE_URL: database } })).config.database).toEqual({ kind, url });
  });

  test.each([
    ['postgres://user:hunter2@db', /names no database/],
    ['mysql://user:hunt er2@db:port/x', /percent-encode special characters/],
    ['oracle://user:hunter2@db/app', /oracle databases are not known here, expected sqlite:PATH, postgres:/],
  ])('database refuses %s, says what it can use, and keeps the password to itself', async (database, message) => {
    const refused = await refusal({ env: { DATABASE_URL: database } });
    expect(refused.message).toMatch(message);
    expect(`${refused.message}${refused.hint}`).not.toContain('hunt');
  });

  test('storage takes a folder or memory and names the scheme that it cannot use', async () => {
    expect((await load({ flags: { storage: 'memory:' } })).config.storage).toEqual({ kind: 'memory' });
    expect((await load({ flags: { storage: 'file:b' } })).config.storage).toEqual({
      kind: 'file',
      path: join(root, 'b'),
    });
    expect((await refusal({ flags: { storage: 'gs://bucket' } })).message).toContain('gs storage is not known here');
    expect((await refusal({ flags: { storage: '/srv/blobs' } })).message).toContain('expected file:FOLDER');
  });

  test.each(['0', '-1', '1.5', 'ten', '3601'])('shutdown_seconds or a limit refuses %p', async (value) => {
    const key = value === '0' ? 'LIMITS_FORM_FIELDS' : 'SHUTDOWN_SECONDS';
    expect((await refusal({ env: { [`PACKYARD_${key}`]: value } })).message).toContain('expected a whole number');
  });

  test('public_url loses its last slash and may not hold a password', async () => {
    const take = (value: string) => load({ env: { PACKYARD_PUBLIC_URL: value } });
    expect((await take('https://pkg.example.com/base/')).config.publicUrl).toBe('https://pkg.example.com/base');
    for (const bad of ['pkg.example.com', 'ftp://x', 'https://a:b@x', 'https://x?y'])
      await expect(take(bad)).rejects.toThrow();
  });

  test('trusted_proxies takes addresses and ranges by comma and refuses names and wide prefixes', async () => {
    const take = (value: string) => load({ env: { PACKYARD_TRUSTED_PROXIES: value } });
    expect((await take('10.0.0.0/8, ::1')).config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    for (const bad of ['proxy.local', '10.0.0.0/33', '10.0.0.0/8/8', '1.2.3'])
      await expect(take(bad)).rejects.toThrow();
  });
});

describe('config show', () => {
  test('gives every setting with value and origin', async () => {
    const rows = describeConfig(await load({ flags: { data: '/d', 'log.level': 'warn' } }));
    expect(rows).toContainEqual({ key: 'data', value: '/d', origin: '--data' });
    expect(rows).toContainEqual({ key: 'database', value: 'sqlite:/d/packyard.sqlite', origin: 'default' });
    expect(rows).toContainEqual({ key: 'log.level', value: 'warn', origin: '--log-level' });
  });

  test.each([
    ['postgres://user:p/w@d@host/db', 'postgres://user:***@host/db'],
    ['s3://b/p?secret_access_key=abc&region=x', 's3://b/p?secret_access_key=***&region=x'],
    ['https://host/db', 'https://host/db'],
  ])('masks %s', (url, expected) => {
    expect(maskSecrets(url)).toBe(expected);
  });
});

test('a setting that is a secret as a whole is never shown', async () => {
  const secret = 'never-to-be-shown-'.repeat(3);
  const loaded = await load({ env: { PACKYARD_SIGNING_SECRET: secret } });
  expect(loaded.config.signing.secret).toBe(secret);
  expect(JSON.stringify(describeConfig(loaded))).not.toContain('never-to-be-shown');
  expect(load({ env: { PACKYARD_SIGNING_SECRET: 'short' } })).rejects.toThrow(/at least 32 characters/);
});
