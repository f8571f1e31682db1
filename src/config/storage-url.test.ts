import { describe, expect, test } from 'bun:test';
import { PackyardError } from '../model/errors.ts';
import type { StorageLocation } from './config.ts';
import { describeConfig } from './describe-config.ts';
import { loadConfig } from './load-config.ts';

const cwd = import.meta.dir;

async function storage(url: string): Promise<StorageLocation> {
  return (await loadConfig({ cwd, env: { PACKYARD_STORAGE: url } })).config.storage;
}

async function refusal(url: string): Promise<string> {
  const error: unknown = await storage(url).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof PackyardError)) throw new Error(`expected a refusal, got ${error}`);
  return `${error.message} ${error.hint} ${JSON.stringify(error.details)}`;
}

const PLAIN = { prefix: '', endpoint: undefined, publicEndpoint: undefined, region: undefined, create: false };

describe('storage in a bucket', () => {
  test('is named by bucket and prefix, and is with AWS when nothing else is said', async () => {
    expect(await storage('s3://packages')).toEqual({ ...PLAIN, kind: 's3', bucket: 'packages', pathStyle: false });
    expect(await storage('s3://packages/team/a/?region=eu-west-1&create=true')).toEqual({
      ...PLAIN,
      kind: 's3',
      bucket: 'packages',
      prefix: 'team/a',
      region: 'eu-west-1',
      pathStyle: false,
      create: true,
    });
  });

  test('of another store is addressed by path, unless that is switched off', async () => {
    const url = 's3://packages?endpoint=http://10.0.0.7:9000/&public_endpoint=https%3A%2F%2Fs3.example.com';
    expect(await storage(url)).toMatchObject({
      endpoint: 'http://10.0.0.7:9000',
      publicEndpoint: 'https://s3.example.com',
      pathStyle: true,
    });
    expect(await storage(`${url}&path_style=false`)).toMatchObject({ pathStyle: false });
  });

  test.each([
    ['s3://', /names no bucket/],
    ['s3://a', /must be 3 or more/],
    ['s3://key:hunter2@packages', /AWS_SECRET_ACCESS_KEY/],
    ['s3://packages/a//b', /prefix must be/],
    ['s3://packages/../b', /prefix must be/],
    ['s3://packages?regoin=x', /unknown parameter "regoin", expected endpoint, region/],
    ['s3://packages?secret=hunter2', /unknown parameter "secret"/],
    ['s3://packages?region=a&region=b', /region is there twice/],
    ['s3://packages?create=yes', /create: expected true or false/],
    ['s3://packages?endpoint=10.0.0.7:9000', /endpoint: expected an address/],
    ['s3://packages?endpoint=https://key:hunter2@host', /endpoint: expected an address/],
    ['gs://packages', /gs storage is not known here/],
    ['/srv/packages', /expected file:FOLDER/],
  ])('is refused for %s, without repeating it', async (url, message) => {
    const refused = await refusal(url);
    expect(refused).toMatch(message);
    expect(refused).not.toContain('hunter2');
  });
});

describe('S3_URL', () => {
  const load = (S3_URL: string, env = {}) => loadConfig({ cwd, env: { S3_URL, ...env } });

  test('names key, secret, host and bucket; the bucket is made if it is not there', async () => {
    const { config, origins } = await load('http://key:hunter2@10.0.0.7:9000/packages');
    expect(config.storage).toEqual({
      ...PLAIN,
      kind: 's3',
      bucket: 'packages',
      endpoint: 'http://10.0.0.7:9000',
      pathStyle: true,
      create: true,
      credentials: { accessKeyId: 'key', secretAccessKey: 'hunter2' },
    });
    expect(origins.storage).toBe('S3_URL');
  });

  test.each([
    ['https://AK/1+2=:a/b+c%2F:d@e?f#g=@s3.example.com/packages', 'AK/1+2=', 'a/b+c%2F:d@e?f#g='],
    ['https://key:/@s3.example.com/packages/', 'key', '/'],
  ])('is split where key and secret end, whatever they hold: %s', async (url, accessKeyId, secretAccessKey) => {
    const { storage } = (await load(url)).config;
    expect(storage).toMatchObject({
      endpoint: 'https://s3.example.com',
      bucket: 'packages',
      credentials: { accessKeyId, secretAccessKey },
    });
  });

  test.each(['https://key@host/packages', 'https://key:@host/packages', 'https://host/packages'])(
    'uses credentials only where key and secret are both there: %s',
    async (url) => {
      const { storage } = (await load(url)).config;
      expect(storage).toMatchObject({ endpoint: 'https://host', bucket: 'packages' });
      expect(storage).not.toHaveProperty('credentials');
    },
  );

  test('goes behind PACKYARD_STORAGE, which takes the same form', async () => {
    const env = { PACKYARD_STORAGE: 'https://k:s@other/bucket?region=eu-west-1' };
    expect((await load('not even an address', env)).config.storage).toMatchObject({
      endpoint: 'https://other',
      region: 'eu-west-1',
    });
  });

  test.each([
    ['https://key:hunter2@/packages', /names no host/],
    ['https://key:hunter2@host', /names no bucket/],
    ['https://key:hunter2@host/a/b', /without a slash/],
    ['https://key:hunter2@host/packages?endpoint=http://x', /unknown parameter "endpoint"/],
  ])('is refused for %s, and the secret stays a secret', async (url, message) => {
    const error: unknown = await load(url).catch((thrown) => thrown);
    if (!(error instanceof PackyardError)) throw new Error('expected a refusal');
    expect(error.message).toMatch(message);
    expect(`${error.message}${error.hint}${JSON.stringify(error.details)}`).not.toContain('hunter2');
  });

  test('is shown without its secret', async () => {
    const rows = describeConfig(await load('https://AK/1:hun/ter2@host:9000/packages'));
    expect(rows).toContainEqual({
      key: 'storage',
      value: 's3://packages?endpoint=https://host:9000&create=true (access key AK/1)',
      origin: 'S3_URL',
    });
    expect(JSON.stringify(rows)).not.toContain('ter2');
  });
});

test('redirects.networks names whose clients fetch from the store themselves', async () => {
  const take = (value: string) => loadConfig({ cwd, env: { PACKYARD_REDIRECTS_NETWORKS: value } });
  expect((await take('10.0.0.0/8, ::1')).config.redirects.networks).toEqual(['10.0.0.0/8', '::1']);
  await expect(take('everybody')).rejects.toThrow('expected IP addresses or ranges');
});
