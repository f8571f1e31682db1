import { describe, expect, test } from 'bun:test';
import { basic, createRepository, publish, yank } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeEgg, makeSdist, makeWheel, sha256 } from '../support/wheel.ts';
import { indexUrl } from './python.ts';

const server = useServer();

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const HTML_TYPE = 'application/vnd.pypi.simple.v1+html';

interface SimpleFile {
  readonly filename: string;
  readonly url: string;
  readonly hashes: Record<string, string>;
  readonly size: number;
  readonly 'upload-time': string;
  readonly 'requires-python'?: string;
  readonly 'core-metadata'?: boolean | Record<string, string>;
  readonly yanked?: boolean | string;
}

interface SimplePage {
  readonly meta: { readonly 'api-version': string };
  readonly name: string;
  readonly versions: readonly string[];
  readonly files: readonly SimpleFile[];
}

async function simplePage(repository: string, name: string): Promise<SimplePage> {
  const response = await fetch(`${indexUrl(server(), repository)}${name}/`, { headers: { accept: JSON_TYPE } });
  expect(response.status).toBe(200);
  return (await response.json()) as SimplePage;
}

describe('the answer to an Accept header', () => {
  const offers: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    ['text/html', 'text/html'],
    [JSON_TYPE, JSON_TYPE],
    [HTML_TYPE, HTML_TYPE],
    ['application/vnd.pypi.simple.latest+json', JSON_TYPE],
    [`${JSON_TYPE}, ${HTML_TYPE}; q=0.1, text/html; q=0.01`, JSON_TYPE],
    [`${JSON_TYPE}; q=0.1, text/html; q=0.9`, 'text/html'],
  ];
  for (const [accept, type] of offers) {
    clientTest(`is ${type} for ${accept ?? 'none at all'}`, 'curl', async (curl) => {
      await publish(server(), 'accept', makeWheel({ name: 'demo', version: '1.0' }));
      for (const url of [indexUrl(server(), 'accept'), `${indexUrl(server(), 'accept')}demo/`]) {
        const result = await curl.ok([
          '-sS',
          '-D',
          '-',
          '-o',
          '/dev/null',
          '-H',
          `Accept:${accept ? ` ${accept}` : ''}`,
          url,
        ]);
        expect(result.stdout).toMatch(/^HTTP\/1\.1 200/);
        expect(result.stdout.toLowerCase()).toContain(`content-type: ${type}`);
        expect(result.stdout).toMatch(/^vary:.*\baccept\b/im);
        expect(result.stdout).toMatch(/^etag: ".+"/im);
      }
    });
  }

  clientTest('is 406 where nothing that we have is wanted', 'curl', async (curl) => {
    await publish(server(), 'accept', makeWheel({ name: 'demo', version: '1.0' }));
    const url = `${indexUrl(server(), 'accept')}demo/`;
    const result = await curl.ok(['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Accept: image/png', url]);
    expect(result.stdout).toBe('406');
  });
});

clientTest('an index page that has not changed is 304, and another one after the next upload', 'curl', async (curl) => {
  await publish(server(), 'etag', makeWheel({ name: 'demo', version: '1.0' }));
  const url = `${indexUrl(server(), 'etag')}demo/`;
  using folder = new TempFolder();
  const etag = folder.join('etag');
  await curl.ok(['-sS', '-o', '/dev/null', '--etag-save', etag, url]);
  const again = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--etag-compare', etag, url];
  expect((await curl.ok(again)).stdout).toBe('304');
  await publish(server(), 'etag', makeWheel({ name: 'demo', version: '1.1' }));
  expect((await curl.ok(again)).stdout).toBe('200');
});

clientTest('names that are not normalised are redirected to the one page', 'curl', async (curl) => {
  await publish(server(), 'redirect', makeWheel({ name: 'My.Demo', version: '1.0' }));
  for (const path of ['my-demo', 'My_Demo/', 'MY..demo/']) {
    const url = `${indexUrl(server(), 'redirect')}${path}`;
    const result = await curl.ok([
      '-sS',
      '-L',
      '-o',
      '/dev/null',
      '-w',
      '%{num_redirects} %{http_code} %{url_effective}',
      url,
    ]);
    expect(result.stdout).toBe(`1 200 ${indexUrl(server(), 'redirect')}my-demo/`);
  }
});

test('the JSON page carries what PEP 691 and PEP 700 ask for', async () => {
  const before = Date.now();
  const files = [
    makeWheel({ name: 'My.Demo', version: '1.0', requiresPython: '>=3.8' }),
    makeSdist({ name: 'My.Demo', version: '1.0' }),
    makeWheel({ name: 'My.Demo', version: '1.1' }),
  ];
  for (const file of files) await publish(server(), 'json', file);
  await yank(server(), 'pypi/json', 'my-demo', '1.1', 'it <b>breaks</b>');
  const page = await simplePage('json', 'my-demo');
  expect(page.meta['api-version']).toBe('1.4');
  expect(page.name).toBe('my-demo');
  expect([...page.versions].sort()).toEqual(['1.0', '1.1']);
  expect(page.files).toHaveLength(3);
  for (const file of files) {
    const found = page.files.find((candidate) => candidate.filename === file.fileName);
    expect(found).toMatchObject({ size: file.bytes.byteLength, hashes: { sha256: file.sha256 } });
    const time = found?.['upload-time'] ?? '';
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before - 1000);
    expect(found).not.toHaveProperty('dist-info-metadata');
    const bytes = await fetch(new URL(found?.url ?? '', `${indexUrl(server(), 'json')}my-demo/`));
    expect(sha256(await bytes.bytes())).toBe(file.sha256);
  }
  const [first, , last] = files.map((file) => page.files.find(({ filename }) => filename === file.fileName));
  expect(first?.['requires-python']).toBe('>=3.8');
  expect(first?.yanked ?? false).toBe(false);
  expect(last?.yanked).toBe('it <b>breaks</b>');
});

test('the HTML page carries the same facts, with a hostile reason escaped', async () => {
  const wheel = makeWheel({ name: 'demo', version: '1.0', requiresPython: '>=3.8,<4' });
  await publish(server(), 'html', wheel);
  await yank(server(), 'pypi/html', 'demo', '1.0', '"><script>alert(1)</script>');
  const html = await (await fetch(`${indexUrl(server(), 'html')}demo/`)).text();
  expect(html).toContain(`#sha256=${wheel.sha256}"`);
  expect(html).toMatch(/data-requires-python="&gt;=3\.8,&lt;4"/);
  expect(html).toContain('data-yanked="');
  expect(html).toContain(`data-core-metadata="sha256=${sha256(wheel.metadata)}"`);
  expect(html).toContain(`data-dist-info-metadata="sha256=${sha256(wheel.metadata)}"`);
  expect(html).not.toContain('<script>');
});

clientTest('the .metadata file is METADATA, byte for byte, and its hash is on the page', 'curl', async (curl) => {
  const wheel = makeWheel({ name: 'demo', version: '1.0', requires: ['other>=1'] });
  await publish(server(), 'metadata', wheel);
  const [file] = (await simplePage('metadata', 'demo')).files;
  expect(file?.['core-metadata']).toEqual({ sha256: sha256(wheel.metadata) });
  const url = new URL(`${file?.url}.metadata`, `${indexUrl(server(), 'metadata')}demo/`).href;
  using folder = new TempFolder();
  await curl.ok(['-sSf', '-o', folder.join('METADATA'), url]);
  expect(await Bun.file(folder.join('METADATA')).text()).toBe(wheel.metadata);
});

clientTest('the end of a wheel can be read alone, as lazy clients do', 'curl', async (curl) => {
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  await publish(server(), 'range', wheel);
  const [file] = (await simplePage('range', 'demo')).files;
  const url = new URL(file?.url ?? '', `${indexUrl(server(), 'range')}demo/`).href;
  using folder = new TempFolder();
  const result = await curl.ok(['-sS', '-o', folder.join('end'), '-w', '%{http_code}', '-r', '-22', url]);
  expect(result.stdout).toBe('206');
  expect(await Bun.file(folder.join('end')).bytes()).toEqual(wheel.bytes.slice(-22));
});

test('the older JSON API names the releases', async () => {
  await publish(server(), 'legacy-json', makeWheel({ name: 'My.Demo', version: '1.0' }));
  await publish(server(), 'legacy-json', makeWheel({ name: 'My.Demo', version: '1.1' }));
  const response = await fetch(`${indexUrl(server(), 'legacy-json')}pypi/my-demo/json`);
  expect(response.status).toBe(200);
  const page = (await response.json()) as { info: { version: string }; releases: Record<string, unknown[]> };
  expect(page.info.version).toBe('1.1');
  expect(Object.keys(page.releases).sort()).toEqual(['1.0', '1.1']);
});

clientTest('the upload form is read in any order of its fields', 'curl', async (curl) => {
  await createRepository(server(), 'pypi/form');
  using folder = new TempFolder();
  for (const [version, first] of [
    ['1.0', true],
    ['2.0', false],
  ] as const) {
    const wheel = makeWheel({ name: 'demo', version });
    await Bun.write(folder.join(wheel.fileName), wheel.bytes);
    const content = ['-F', `content=@${folder.join(wheel.fileName)}`];
    const fields = [
      ':action=file_upload',
      'protocol_version=1',
      'name=demo',
      `version=${version}`,
      'filetype=bdist_wheel',
    ];
    const form = fields.flatMap((field) => ['-F', field]).concat('-F', `sha256_digest=${wheel.sha256}`);
    const user = ['-u', `__token__:${server().adminToken}`];
    const result = await curl.ok([
      '-sS',
      '-w',
      '%{http_code}',
      ...user,
      ...(first ? [...content, ...form] : [...form, ...content]),
      indexUrl(server(), 'form'),
    ]);
    expect(result.stdout).toMatch(/20[01]$/);
  }
  expect((await simplePage('form', 'demo')).versions).toHaveLength(2);
});

describe('an upload that contradicts itself is refused and leaves nothing', () => {
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  const cases: Record<string, { fields: Record<string, string>; fileName: string; bytes: Uint8Array<ArrayBuffer> }> = {
    'another name in the form': {
      fields: { name: 'other', version: '1.0' },
      fileName: wheel.fileName,
      bytes: wheel.bytes,
    },
    'another version in the form': {
      fields: { name: 'demo', version: '1.1' },
      fileName: wheel.fileName,
      bytes: wheel.bytes,
    },
    'another version in the file name': {
      fields: { name: 'demo', version: '1.1' },
      fileName: 'demo-1.1-py3-none-any.whl',
      bytes: wheel.bytes,
    },
    'a wrong digest': {
      fields: { name: 'demo', version: '1.0', sha256_digest: '0'.repeat(64) },
      fileName: wheel.fileName,
      bytes: wheel.bytes,
    },
    'a wheel that is no zip': {
      fields: { name: 'demo', version: '1.0' },
      fileName: wheel.fileName,
      bytes: new Uint8Array(Buffer.from('not a zip at all')),
    },
    'a wheel that is cut off': {
      fields: { name: 'demo', version: '1.0' },
      fileName: wheel.fileName,
      bytes: wheel.bytes.slice(0, -30),
    },
    'an sdist that is a zip': {
      fields: { name: 'demo', version: '1.0' },
      fileName: 'demo-1.0.tar.gz',
      bytes: wheel.bytes,
    },
    'a file of no known kind': {
      fields: { name: 'demo', version: '1.0' },
      fileName: 'demo-1.0.exe',
      bytes: wheel.bytes,
    },
  };
  test.each(Object.entries(cases))('%s', async (title, { fields, fileName, bytes }) => {
    const repository = `refused-${title.replace(/\W+/g, '-')}`;
    await createRepository(server(), `pypi/${repository}`);
    const form = new FormData();
    form.append(':action', 'file_upload');
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('content', new Blob([bytes]), fileName);
    const options = { method: 'POST', headers: basic(server().adminToken), body: form };
    const response = await fetch(indexUrl(server(), repository), options);
    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeGreaterThan(20);
    const root = await fetch(indexUrl(server(), repository), { headers: { accept: JSON_TYPE } });
    expect(await root.json()).toMatchObject({ projects: [] });
  });
});

test('an egg is listed beside wheels', async () => {
  await publish(server(), 'egg', makeEgg({ name: 'demo', version: '1.0' }));
  expect((await simplePage('egg', 'demo')).files.map((file) => file.filename)).toEqual(['demo-1.0-py3.11.egg']);
});
