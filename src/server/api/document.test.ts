import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { formatById, formats } from '../../formats/index.ts';
import { Permissions } from '../../registry/permissions.ts';
import { createApi } from './index.ts';
import { createTestApi, type TestApi } from './testing.ts';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, { readonly scheme: string }>> };
}

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await createTestApi();
  document = (await api.call('GET', '/openapi.json', { token: null })).json as unknown as Document;
});
afterAll(() => api.dispose());

function operations() {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and knows both ways to log in', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.values(document.components.securitySchemes).map(({ scheme }) => scheme)).toEqual(['basic', 'bearer']);
  });

  test('lists every route and nothing else', () => {
    const { registry, access } = api;
    const app = createApi({ registry, access, permissions: new Permissions('read'), formats, format: formatById });
    const routes = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const documented = operations().map(({ method, path }) => `${method} ${path}`);
    expect(documented.toSorted()).toEqual([...new Set(routes)].sort());
    expect(documented.length).toBeGreaterThan(20);
  });

  test('gives every operation a unique id, a summary, a success with its form, and refusals', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations()) {
      expect(operation.operationId).toBeString();
      expect(operation.summary).toBeString();
      const responses = operation.responses ?? {};
      const successes = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect(successes).toHaveLength(1);
      if (successes[0] !== '204')
        expect(responses[successes[0] ?? '']).toHaveProperty(['content', 'application/json', 'schema']);
      expect(responses).toHaveProperty('401');
    }
  });

  test('declares every parameter of every path', () => {
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const declared = (operation.parameters ?? []).filter((entry) => entry.in === 'path').map(({ name }) => name);
      expect(declared.toSorted()).toEqual(inPath.toSorted());
    }
  });

  test('refers only to what it contains', () => {
    const all = [...new Set(references(document))];
    expect(all.length).toBeGreaterThan(20);
    for (const reference of all) {
      const path = reference.replace('#/', '').split('/');
      expect(document).toHaveProperty(path);
    }
  });
});

describe('what the API does not have', () => {
  test('an unknown path is not found, in the same form', async () => {
    for (const path of ['', '/', '/nothing', '/repositories/', '/repositories/pypi']) {
      const { status, json } = await api.call('GET', path);
      expect([path, status]).toEqual([path, 404]);
      expect(json.error).toMatchObject({ code: 'not_found', requestId: 'request-1' });
    }
  });

  test('a known path with another method says which ones there are', async () => {
    const { status, headers, json } = await api.call('PUT', '/repositories/pypi/tools');
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE');
    expect(json.error).toMatchObject({ code: 'method_not_allowed' });
    expect((await api.call('POST', '/openapi.json')).status).toBe(405);
  });

  test('HEAD answers as GET does, with the length and without the body', async () => {
    const get = await api.call('GET', '/whoami');
    const head = await api.call('HEAD', '/whoami');
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(JSON.stringify(get.json).length));
  });
});
