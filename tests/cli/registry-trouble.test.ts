import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { sha256 } from '../dxf/two-tools.ts';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { eventually } from '../support/eventually.ts';
import { LyingRegistry } from '../support/lying-registry.ts';
import { inCheckout } from '../support/paths.ts';
import { cleanEnvironment, run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';

const COMMAND = ['node', inCheckout('bin/packyard')];

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder('trouble');
  writeFileSync(folder.join('hello'), 'hello\n');
});
afterEach(() => folder.dispose());

const packyard = (args: readonly string[], env: Record<string, string> = {}) =>
  run([...COMMAND, ...args], { cwd: folder.path, env });

describe('packyard blob with a registry that cannot be trusted', () => {
  let registry: LyingRegistry;
  let repo: string;
  beforeEach(async () => {
    registry = await LyingRegistry.start();
    repo = `${new URL(registry.url).host}/team/app`;
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  test('takes no other bytes than those of the digest, and ends with 6', async () => {
    const digest = registry.keep(new TextEncoder().encode('hello'));
    registry.blobs.set(digest, Buffer.from('jello'));
    const toFile = await packyard(['blob', 'pull', repo, digest, '-o', 'file']);
    expect(toFile).toMatchObject({ code: 6 });
    expect(toFile.stderr).toContain(`the registry sent other bytes than those of ${digest}`);
    expect(readdirSync(folder.path)).toEqual(['hello']);
    expect(await packyard(['blob', 'pull', repo, digest])).toMatchObject({ code: 6, stdout: '' });
  });

  test('tidies up when it is interrupted, and ends with 130', async () => {
    const digest = registry.keep(Buffer.alloc(1_000_000));
    registry.lie = ({ response }) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(500_000));
    };
    const pull = start('blob', 'pull', repo, digest, '-o', 'file');
    await eventually('a temporary file is there', () =>
      readdirSync(folder.path).some((name) => name.endsWith('.part')),
    );
    await interrupt(pull);
    expect(readdirSync(folder.path)).toEqual(['hello']);
  });

  test('lets the registry forget an upload that is interrupted', async () => {
    registry.lie = ({ request }, next) => (request.method === 'PUT' ? undefined : next());
    const push = start('blob', 'push', repo, 'hello');
    await eventually('the upload has begun', () => registry.seen.some(({ method }) => method === 'PUT'));
    await interrupt(push);
    expect(registry.requests.at(-1)).toBe('DELETE /v2/team/app/blobs/uploads/ID');
    expect(registry.uploads.size).toBe(0);
  });

  function start(...args: readonly string[]) {
    const env = cleanEnvironment();
    return Bun.spawn([...COMMAND, ...args], { cwd: folder.path, env, stdout: 'pipe', stderr: 'pipe' });
  }

  async function interrupt(child: ReturnType<typeof start>): Promise<void> {
    child.kill('SIGINT');
    expect(await child.exited).toBe(130);
    expect(await new Response(child.stderr).text()).toStartWith('error: the request was cancelled\n');
  }
});

describe('logging in to registries', () => {
  if (!hasDockerRegistry()) skipVisibly('packyard uses what docker login has stored', DOCKER_REGISTRY_SKIP_REASON);
  else {
    test('packyard uses what docker login has stored', async () => {
      const password = 'somepassword-that-nobody-shows';
      await using registry = await DockerRegistry.start({ login: { username: 'fred', password } });
      const repo = `${registry.host}/team/app`;
      const config = (secret: string) => {
        mkdirSync(folder.join('docker'), { recursive: true });
        const auths = { [registry.host]: { auth: btoa(`fred:${secret}`) } };
        writeFileSync(folder.join('docker', 'config.json'), JSON.stringify({ auths }));
        return { DOCKER_CONFIG: folder.join('docker') };
      };
      const push = ['blob', 'push', repo, 'hello', '@a'];
      expect(await packyard(push, config(password))).toMatchObject({ code: 0, stdout: `${sha256('hello\n')}\n` });
      expect(await packyard(['alias', 'list', repo], config(password))).toMatchObject({ code: 0, stdout: 'a\n' });
      for (const env of [{ DOCKER_CONFIG: folder.path }, config(`${password}!`)]) {
        const refused = await packyard(push, env);
        expect(refused).toMatchObject({ code: 4, stdout: '' });
        expect(refused.stderr).toContain('call `docker login HOST`');
        expect(refused.output).not.toContain(password);
      }
      writeFileSync(folder.join('docker', 'config.json'), `{"auths": "${password}`);
      const odd = await packyard(push, { DOCKER_CONFIG: folder.join('docker') });
      expect(odd).toMatchObject({ code: 4 });
      expect(odd.stderr).toContain('config.json is not JSON');
      expect(odd.output).not.toContain(password);
    });
  }

  test('no password goes to another machine without TLS', async () => {
    const auths = { 'registry.test:5000': { auth: btoa('fred:secret') } };
    writeFileSync(folder.join('config.json'), JSON.stringify({ auths }));
    // Whatever is asked, this proxy is.
    await using registry = await LyingRegistry.start();
    registry.lie = ({ response }) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    const env = {
      DOCKER_CONFIG: folder.path,
      HTTP_PROXY: registry.url,
      http_proxy: registry.url,
      NO_PROXY: '',
      no_proxy: '',
    };
    const result = await packyard(['alias', 'list', 'http://registry.test:5000/team/app'], env);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toContain('credentials are not sent to registry.test:5000 without TLS');
    expect(result.stderr).toContain('try: reach the registry by https');
    expect(registry.seen.length).toBeGreaterThan(0);
    expect(registry.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('the rights on a Packyard server', () => {
  const server = useServer();
  const as = (token: string) => ({ PACKYARD_URL: server().url, PACKYARD_TOKEN: token });

  test('decide, with the token of the session', async () => {
    const admin = as(server().adminToken);
    expect(await packyard(['blob', 'push', 'oci/team/app', 'hello', '@a'], admin)).toMatchObject({ code: 0 });
    const create = ['token', 'create', 'reader', '--scope', 'oci/team:read'];
    const reader = (await packyard(create, admin)).stdout.trim();
    writeFileSync(folder.join('other'), 'other');
    const push = ['blob', 'push', 'oci/team/app', 'other'];
    expect(await packyard(push, as(reader))).toMatchObject({ code: 4, stdout: '' });
    const unknown = await packyard(push, as('pky_unknown'));
    expect(unknown).toMatchObject({ code: 4 });
    expect(unknown.stderr).toContain('for oci/NAME set PACKYARD_TOKEN');
    // Reading needs no token, neither here nor there.
    const pull = ['blob', 'pull', 'oci/team/app', '@a'];
    expect(await packyard(pull, { PACKYARD_URL: server().url })).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(await packyard(['blob', 'pull', `${new URL(server().url).host}/team/app`, '@a'])).toMatchObject({ code: 0 });
    // User and password in the address are a way to give a token too.
    const url = server().url.replace('://', `://me:${server().adminToken}@`);
    expect(await packyard(push, { PACKYARD_URL: url })).toMatchObject({ code: 0 });
    expect(await packyard(['--url', `${server().url}/`, ...push], { PACKYARD_TOKEN: reader })).toMatchObject({
      code: 0,
    });
  });

  test('an alias that has to stay is not moved: 5', async () => {
    const admin = as(server().adminToken);
    for (const name of ['v1', 'v2']) {
      writeFileSync(folder.join(name), name);
      await packyard(['blob', 'push', 'oci/stays/app', name, `@${name}`], admin);
    }
    await packyard(['repo', 'update', 'oci/stays', '--immutable-tags', 'v*'], admin);
    const moved = await packyard(['alias', 'move', 'oci/stays/app', 'v1', 'v2'], admin);
    expect(moved).toMatchObject({ code: 5, stdout: '' });
    expect(moved.stderr).toContain('request id: ');
  });

  test('aliases of versions are got and moved too', async () => {
    const admin = as(server().adminToken);
    for (const version of ['1.0', '2.0']) {
      const upload = ['upload', 'generic/firmware', 'hello', '--name', 'router', '--version', version];
      expect(await packyard(upload, admin)).toMatchObject({ code: 0 });
    }
    const alias = (...args: readonly string[]) => packyard(['alias', ...args], admin);
    expect(await alias('set', 'generic/firmware', 'router@1.0', 'stable')).toMatchObject({
      code: 0,
      stdout: 'router@stable is 1.0\n',
    });
    expect((await alias('get', 'generic/firmware', 'router', 'stable')).stdout).toBe('1.0\n');
    expect((await alias('move', 'generic/firmware', 'router', 'next', '2.0')).stdout).toBe(
      'router@next is 2.0, it is new\n',
    );
    expect((await alias('move', 'generic/firmware', 'router', 'stable', 'next')).stdout).toBe(
      'router@stable is 2.0, it was 1.0\n',
    );
    expect(JSON.parse((await alias('get', 'generic/firmware', 'router', 'stable', '--json')).stdout)).toEqual({
      name: 'stable',
      target: '2.0',
    });
    const unknown = await alias('get', 'generic/firmware', 'router', 'unknown');
    expect(unknown).toMatchObject({ code: 3, stdout: '' });
    expect(unknown.stderr).toContain('try: packyard alias list generic/firmware router');
    expect(await alias('move', 'generic/firmware', 'router', 'stable', '9.9')).toMatchObject({ code: 3 });
    expect(await alias('get', 'generic/firmware', 'router', 'stable', '--blobs')).toMatchObject({ code: 2 });
  });
});
