import { Hono } from 'hono';
import type { Format, HttpEnv } from '../../formats/format.ts';
import { formatById, formats } from '../../formats/index.ts';
import type { Principal, Scope } from '../../model/principal.ts';
import { type AnonymousMode, Permissions } from '../../registry/permissions.ts';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import { jsonError } from '../errors.ts';
import { createApi } from './index.ts';

const ANONYMOUS: Principal = { kind: 'anonymous', name: 'anonymous', scopes: [] };

export interface Call {
  /** The secret of a token; left out, the administrator's. Null: without credentials. */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of every shape; a wrong assumption fails the test.
  readonly json: Json;
}

/** Parsed JSON that can be walked without saying at each step what it should be. */
interface Json {
  readonly [key: string]: Json;
  readonly [index: number]: Json;
}

export interface TestApi extends TestRegistry {
  /** `call('GET', '/whoami')` */
  call(method: string, path: string, options?: Call): Promise<Answer>;
  token(scopes: readonly Scope[], user?: string): Promise<string>;
  /** Publishes a file of any content to a PyPI repository, without parsing it. */
  release(name: string, version: string, fileName?: string): Promise<void>;
}

/** The API over a real registry, with the real rights and the server's error form. */
export async function createTestApi(anonymous: AnonymousMode = 'read'): Promise<TestApi> {
  const test = await createTestRegistry();
  const { registry, access } = test;
  test.clock.now = Date.now();
  const actor = { name: 'tester' };
  const token = async (scopes: readonly Scope[], user = 'someone') =>
    (await access.createToken({ user, name: 'test', scopes }, actor)).secret;
  const admin = await token([{ repository: '*', actions: ['admin'] }], 'root');

  const app = new Hono<HttpEnv>();
  app.onError((error) => jsonError(error, 'request-1'));
  app.use(async (c, next) => {
    const secret = c.req.header('authorization')?.replace('Bearer ', '');
    c.set('principal', secret === undefined ? ANONYMOUS : await access.authenticate(secret));
    c.set('requestId', 'request-1');
    c.set('address', '192.0.2.1');
    await next();
  });
  const permissions = new Permissions(anonymous);
  app.route('/api/v1', createApi({ registry, access, permissions, formats, format: formatById }));

  return {
    ...test,
    token,
    call: async (method, path, options = {}) => {
      const secret = options.token === undefined ? admin : options.token;
      const response = await app.request(`/api/v1${path}`, {
        method,
        headers: {
          ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        body:
          options.body === undefined || typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
      return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : undefined };
    },
    release: async (name, version, fileName = `${name}-${version}.tar.gz`) => {
      const pypi: Format | undefined = formatById('pypi');
      const staged = await registry.stage([Buffer.from(`${name} ${version} ${fileName}`)]);
      try {
        await registry.publish({
          repositoryId: 0,
          repository: { format: 'pypi', name: 'tools' },
          actor,
          package: pypi?.normalizeName(name) ?? name,
          displayName: name,
          version,
          file: { name: fileName, path: `${name.toLowerCase()}/${fileName}`, staged, metadata: { kind: 'sdist' } },
        });
      } finally {
        await staged.discard();
      }
    },
  };
}
