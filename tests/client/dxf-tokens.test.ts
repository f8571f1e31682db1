import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { DXF, type DXFAuth, DXFBase, type DXFOptions } from '../../src/client/index.ts';
import { failure } from '../support/failure.ts';
import { LyingRegistry } from '../support/lying-registry.ts';

const BYTES = new TextEncoder().encode('hello');
const auth: DXFAuth = (dxf, response) => dxf.authenticate('fred', 'hunter2', { response });

let registry: LyingRegistry;
let realm: string;
let urls: string[];
beforeEach(async () => {
  registry = await LyingRegistry.start();
  urls = [];
  realm = `${registry.url}/token?kept=1`;
  registry.lie = ({ request, response, path }, next) => {
    if (path.startsWith('/token')) return void response.end('{"access_token":"","token":"t1"}');
    if (request.headers.authorization === 'Bearer t1') return next();
    const challenge = `Bearer realm="${realm}",service="s",scope="repository:a/b:pull"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  };
});
afterEach(() => registry[Symbol.asyncDispose]());

/** Any host is this registry, so that names can be tried that are not there. */
function options(more: DXFOptions = {}): DXFOptions {
  const toRegistry = (url: string, init: RequestInit) => {
    urls.push(url);
    return fetch(url.replace(/^https?:\/\/[^/]+/, registry.url), init);
  };
  return { fetch: toRegistry, sleep: async () => {}, ...more };
}

const tokenRequests = () => registry.seen.filter(({ path }) => path.startsWith('/token'));

describe('DXF', () => {
  test('gets a token as the challenge says and tries once more', async () => {
    const digest = registry.keep(BYTES);
    const dxf = new DXF(new URL(registry.url).host, 'a/b', auth, options({ insecure: true }));
    expect(await dxf.blobSize(digest)).toBe(5);
    expect(dxf.token).toBe('t1');
    const [request] = tokenRequests();
    expect(request?.path).toStartWith('/token?kept=1&service=s&scope=repository%3Aa%2Fb%3Apull&');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${btoa('fred:hunter2')}`,
      'user-agent': 'Docker-Client/19.03.2 (linux)',
    });
    await dxf.blobSize(digest);
    expect(tokenRequests()).toHaveLength(1);
  });

  test('asks for the actions that it is told, of a repository that Docker Hub has under library/', async () => {
    const dxf = new DXF('docker.io', 'alpine', undefined, options());
    expect(await dxf.authenticate('fred', 'hunter2', { actions: ['pull', 'push'], userAgent: 'me' })).toBe('t1');
    expect(decodeURIComponent(tokenRequests()[0]?.path ?? '')).toContain('scope=repository:library/alpine:pull,push');
    expect(tokenRequests()[0]?.headers['user-agent']).toBe('me');
    expect(urls[0]).toBe('https://registry-1.docker.io/v2/');
    // The realm is asked by TLS whatever the registry says.
    expect(urls[1]).toStartWith('https://127.0.0.1');
  });

  test('can ask another host for tokens', async () => {
    const dxf = new DXF('registry.test', 'a/b', auth, options({ authHost: 'tokens.test:8443' }));
    await dxf.authenticate();
    expect(urls[1]).toStartWith('https://tokens.test:8443/token?');
    expect(tokenRequests()[0]?.headers.authorization).toBeUndefined();
  });

  test('uses a token that it is given', async () => {
    const digest = registry.keep(BYTES);
    const dxf = new DXF('registry.test', 'a/b', auth, options());
    dxf.token = 't1';
    expect(await DXF.fromBase(dxf, 'c').blobSize(digest)).toBe(5);
    expect(tokenRequests()).toHaveLength(0);
  });

  test('sends no password without TLS, but to this machine', async () => {
    const digest = registry.keep(BYTES);
    const dxf = new DXF('registry.test', 'a/b', auth, options({ insecure: true }));
    expect(await failure(dxf.blobSize(digest))).toMatchObject({
      name: 'DXFAuthInsecureError',
      message: 'Auth requires HTTPS',
    });
    // Nor to a token server.
    realm = 'http://tokens.test/token';
    const local = new DXF(new URL(registry.url).host, 'a/b', auth, options({ insecure: true }));
    expect(await failure(local.blobSize(digest))).toMatchObject({ name: 'DXFAuthInsecureError' });
    expect(tokenRequests()).toHaveLength(0);
    const allowed = new DXF('registry.test', 'a/b', auth, options({ insecure: true, insecureAuth: true }));
    expect(await allowed.blobSize(digest)).toBe(5);
  });

  test('tries once only, and not at all when nothing has changed', async () => {
    registry.lie = ({ response }) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    let calls = 0;
    const counting: DXFAuth = (dxf, response) => {
      calls += 1;
      return calls === 1 ? undefined : dxf.authenticate('fred', 'hunter2', { response });
    };
    const dxf = new DXF('registry.test', 'a/b', counting, options());
    expect(await failure(dxf.listAliases())).toMatchObject({ name: 'DXFUnauthorizedError' });
    expect([calls, registry.seen.length]).toEqual([1, 1]);
    expect(await failure(dxf.listAliases())).toMatchObject({ name: 'DXFUnauthorizedError' });
    expect([calls, registry.seen.length]).toEqual([2, 3]);
  });

  test('wonders about a registry that neither lets it in nor asks who it is', async () => {
    registry.lie = ({ response }) => void response.writeHead(418).end();
    const dxf = new DXFBase('registry.test', undefined, options());
    expect(await failure(dxf.authenticate('fred', 'hunter2'))).toMatchObject({
      name: 'DXFUnexpectedStatusCodeError',
      message: 'expected status code 401, got 418',
    });
    registry.lie = ({ response }) => void response.end('{}');
    expect(await dxf.authenticate('fred', 'hunter2')).toBeUndefined();
    expect(() => new DXFBase('http://registry.test')).toThrow("not a registry's host");
  });

  test('lets a class of its own decide when to log in', async () => {
    class AlwaysLogsIn extends DXFBase {
      protected override responseNeedsAuth(): boolean {
        return true;
      }
    }
    registry.lie = ({ response }) => void response.end('{}');
    const dxf = new AlwaysLogsIn('registry.test', undefined, options());
    await dxf.authenticate('fred', 'hunter2');
    await dxf.apiVersionCheck();
    expect(registry.seen.at(-1)?.headers.authorization).toBe(`Basic ${btoa('fred:hunter2')}`);
  });
});
