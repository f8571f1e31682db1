import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import { notFound } from '../../model/errors.ts';
import type { RenderedDocument } from '../../registry/document-cache.ts';
import type { Registry } from '../../registry/registry.ts';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import type { FormatContext, HttpEnv } from '../format.ts';
import { type Sample, wheel } from './fixtures/distributions.ts';
import { receive } from './receive.ts';
import { mountRoutes } from './routes.ts';

const TOOLS = { format: 'pypi', name: 'tools' };

let tested: TestRegistry;
let router: Hono<HttpEnv>;
/** What the routes sent, to see whether it was rendered again. */
let sent: RenderedDocument[];

beforeEach(async () => {
  tested = await createTestRegistry();
  sent = [];
  router = routerOver(tested.registry);
});
afterEach(() => tested.dispose());

function routerOver(registry: Registry): Hono<HttpEnv> {
  const unused = (): never => {
    throw new Error('these tests upload nothing by HTTP');
  };
  const context: FormatContext = {
    registry,
    open: async (ref) => {
      const found = await registry.repository(ref);
      if (!found) throw notFound('no repository');
      return found;
    },
    publicUrl: (request) => new URL(request.url).origin,
    sendFile: async (_request, _repository, file) => new Response(file.sha256.hex),
    sendDocument: (_request, document) => {
      sent.push(document);
      return new Response(document.body);
    },
    sendIndexDocument: unused,
    receiveBody: unused,
    receiveForm: unused,
    receivePart: unused,
    receiveBytes: unused,
    allows: unused,
    bearerTokens: { issue: unused, identify: unused },
  };
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    c.set('principal', { kind: 'user', name: 'tester', scopes: [] });
    await next();
  });
  mountRoutes(app, context);
  return app;
}

async function publish(sample: Sample): Promise<void> {
  const staged = await tested.registry.stage([sample.bytes]);
  try {
    await receive(
      {
        provider: 'pypi',
        repository: TOOLS,
        repositoryId: (await tested.registry.repository(TOOLS))?.id ?? 0,
        principal: { kind: 'user', name: 'tester', scopes: [] },
        actor: { name: 'tester' },
        staged,
        fileName: sample.fileName,
        fields: new Map(),
      },
      tested,
    );
  } finally {
    await staged.discard();
  }
}

async function get(path: string, origin = 'http://localhost'): Promise<Response> {
  return router.request(`${origin}/tools/${path}`);
}

function countRenderings(): number {
  return new Set(sent).size;
}

test('a file that two remove at the same time is removed once', async () => {
  const sample = wheel({ name: 'demo' });
  await publish(sample);
  const remove = () => router.request(`/tools/demo/${sample.fileName}`, { method: 'DELETE' });
  const answers = await Promise.all([remove(), remove()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
});

describe('the metadata beside a file', () => {
  test('is read once, and compressed form and all are kept', async () => {
    const sample = wheel({ name: 'demo', headers: ['Requires-Python: >=3.9'] });
    await publish(sample);
    for (let times = 0; times < 3; times++) {
      const response = await get(`demo/${sample.fileName}.metadata`);
      expect(await response.text()).toContain('Requires-Python: >=3.9');
    }
    expect(countRenderings()).toBe(1);
  });

  test('is that of the present file when another took its name', async () => {
    const [old, other] = [
      wheel({ name: 'demo', headers: ['Summary: old'] }),
      wheel({ name: 'demo', headers: ['Summary: new'] }),
    ];
    await publish(old);
    await get(`demo/${old.fileName}.metadata`);
    expect((await router.request(`/tools/demo/${old.fileName}`, { method: 'DELETE' })).status).toBe(200);
    await publish(other);
    expect(await (await get(`demo/${old.fileName}.metadata`)).text()).toContain('Summary: new');
  });

  test('of a quarantined project is not offered', async () => {
    const sample = wheel({ name: 'demo' });
    await publish(sample);
    const repository = await tested.registry.repository(TOOLS);
    if (!repository) throw new Error('the upload created no repository');
    expect((await get(`demo/${sample.fileName}.metadata`)).status).toBe(200);
    await tested.registry.setPackageStatus(repository, 'demo', 'quarantined', '', { name: 'admin' });
    expect((await get(`demo/${sample.fileName}.metadata`)).status).toBe(403);
    expect((await get(`demo/${sample.fileName}`)).status).toBe(403);
  });
});

describe('the JSON API', () => {
  beforeEach(() => publish(wheel({ name: 'demo' })));

  test('makes one document of a version, however it is spelled', async () => {
    for (const version of ['1.0', '1.0.0', 'v1', '01.0.0.0.0', '1']) {
      expect((await get(`pypi/demo/${version}/json`)).status).toBe(200);
    }
    expect(countRenderings()).toBe(1);
    expect((await get('pypi/demo/2/json')).status).toBe(404);
    expect((await get(`pypi/demo/1.${'0'.repeat(10_000)}/json`)).status).toBe(404);
  });

  test('tells the project from its newest version', async () => {
    const project = await (await get('pypi/demo/json')).json();
    const release = await (await get('pypi/demo/1.0/json')).json();
    expect(project).toHaveProperty('releases');
    expect(release).not.toHaveProperty('releases');
  });

  test('has the address that the client used, and keeps documents for a few addresses only', async () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `http://host-${index}`);
    for (const host of [...hosts, ...hosts]) {
      const { info } = (await (await get('pypi/demo/json', host)).json()) as { info: { project_url: string } };
      expect(info.project_url).toBe(`${host}/repo/pypi/tools/demo/`);
    }
    expect(countRenderings()).toBe(8 + 12 + 12);
  });
});
