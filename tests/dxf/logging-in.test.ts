import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { inCheckout } from '../support/paths.ts';
import { run, runOk } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { TlsProxy } from './tls-proxy.ts';
import { NO_ORIGINAL, OURS, originalCommand, Tool } from './two-tools.ts';

type Env = Readonly<Record<string, string>>;

const original = originalCommand();
const PASSWORD = 'somepassword-that-nobody-shows';

if (original === undefined) skipVisibly('logging in with dxf and with python-dxf', NO_ORIGINAL);
else {
  if (!hasDockerRegistry()) skipVisibly('dxf on a registry with passwords', DOCKER_REGISTRY_SKIP_REASON);
  else {
    describe('dxf and python-dxf on a registry with passwords and TLS', () => {
      let registry: DockerRegistry;
      beforeAll(async () => {
        registry = await DockerRegistry.start({ tls: true, login: { username: 'fred', password: PASSWORD } });
      });
      afterAll(() => registry.stop());

      const certificate = (): Env => ({ DXF_TLSVERIFY: registry.certificate });
      const fred = { DXF_USERNAME: 'fred', DXF_PASSWORD: PASSWORD };

      test.each<[string, () => Env, number]>([
        ['user name and password', () => ({ ...certificate(), ...fred }), 0],
        [
          'a ready-made header',
          () => ({ ...certificate(), DXF_AUTHORIZATION: `Basic ${btoa(`fred:${PASSWORD}`)}` }),
          0,
        ],
        ['certificates as Python programs take them', () => ({ ...fred, REQUESTS_CA_BUNDLE: registry.certificate }), 0],
        ['no look at certificates', () => ({ ...fred, DXF_SKIPTLSVERIFY: '1' }), 0],
        ['a token that is worth nothing, and a password', () => ({ ...certificate(), ...fred, DXF_TOKEN: 'x' }), 0],
        ['no certificate', () => fred, 1],
        ['the wrong password', () => ({ ...certificate(), ...fred, DXF_PASSWORD: `${PASSWORD}!` }), 13],
        ['nothing', certificate, 13],
        ['a token that is worth nothing', () => ({ ...certificate(), DXF_TOKEN: PASSWORD }), 13],
      ])('end alike with %s', async (_sentence, env, code) => {
        for (const args of [['list-repos'], ['auth', 'a/b', 'pull']]) {
          const registryOf = { url: registry.url, env: env() };
          const [theirs, ours] = await Promise.all(
            [original, OURS].map((command) => new Tool(command, registryOf).run(args)),
          );
          expect({ args, code: ours?.code, stdout: ours?.stdout }, ours?.stderr).toEqual({
            args,
            code: theirs?.code,
            stdout: theirs?.stdout,
          });
          if (args[0] === 'list-repos') expect(ours?.code).toBe(code);
          expect(ours?.output).not.toContain(PASSWORD);
          expect(ours?.output).not.toContain(btoa(`fred:${PASSWORD}`));
        }
      });
    });
  }

  describe('dxf and python-dxf on Packyard behind TLS', () => {
    const folder = new TempFolder('dxf');
    let server: TestServer;
    let proxy: TlsProxy;
    beforeAll(async () => {
      for (const name of ['hello', 'a', 'b', 'c', 'd', 'e', 'f']) writeFileSync(folder.join(name), name);
      server = await TestServer.start();
      proxy = await TlsProxy.start(server.url);
    });
    afterAll(async () => {
      await proxy[Symbol.asyncDispose]();
      await server.stop();
      folder.dispose();
    });

    const tools = (env: Env) =>
      [original, OURS].map(
        (command) => new Tool(command, { url: proxy.url, env: { DXF_TLSVERIFY: proxy.certificate, ...env } }),
      );
    const asAdmin = (): Env => ({ DXF_USERNAME: 'me', DXF_PASSWORD: server.adminToken });

    test('print a token that the other one can use', async () => {
      const tokens = await Promise.all(
        tools(asAdmin()).map(async (tool) => {
          const { code, stdout, stderr } = await tool.run(['auth', 'team/tokens', 'push', 'pull']);
          expect(code, stderr).toBe(0);
          expect(stdout).toMatch(/^\S+\n$/);
          return stdout.trim();
        }),
      );
      for (const token of tokens) {
        for (const tool of tools({ DXF_TOKEN: token })) {
          const { code, stderr } = await tool.run(['push-blob', 'team/tokens', 'hello', '@a'], { cwd: folder.path });
          expect(code, stderr).toBe(0);
        }
      }
    });

    test.each<[number, string, () => Env, readonly string[]]>([
      [0, 'pushing with a password', asAdmin, ['push-blob', 'team/alike', 'hello', '@a']],
      [13, 'pushing as nobody', () => ({}), ['push-blob', 'team/other', 'a']],
      [0, 'reading as nobody', () => ({}), ['pull-blob', 'team/alike', '@a']],
      [0, 'listing as nobody', () => ({}), ['list-repos']],
      [0, 'listing with a password', asAdmin, ['list-repos']],
      [
        13,
        'a password that is wrong',
        () => ({ ...asAdmin(), DXF_PASSWORD: 'pky_wrong' }),
        ['push-blob', 'team/other', 'b'],
      ],
      [13, 'a token that is wrong', () => ({ DXF_TOKEN: 'pky_wrong' }), ['push-blob', 'team/other', 'c']],
      [0, 'a token of Packyard itself', () => ({ DXF_TOKEN: server.adminToken }), ['push-blob', 'team/other', 'd']],
      [0, 'no action', asAdmin, ['auth', 'team/alike']],
      [
        1,
        'tokens from where there are none',
        () => ({ ...asAdmin(), DXF_AUTH_HOST: 'localhost:1' }),
        ['push-blob', 'team/other', 'f'],
      ],
      [13, 'no password', () => ({ DXF_USERNAME: 'me' }), ['push-blob', 'team/other', 'e']],
    ])('end alike, with %d, after %s', async (code, _sentence, env, args) => {
      const [theirs, ours] = await Promise.all(tools(env()).map((tool) => tool.run(args, { cwd: folder.path })));
      const printed = (text = '') => (args[0] === 'auth' ? text.replace(/\S+/, 'token') : text);
      expect({ code: ours?.code, stdout: printed(ours?.stdout) }, ours?.stderr).toEqual({
        code: theirs?.code ?? -1,
        stdout: printed(theirs?.stdout),
      });
      expect(ours?.code).toBe(code);
      expect(ours?.output).not.toContain(server.adminToken);
    });

    test('a token that may read is not allowed to write', async () => {
      const env = { PACKYARD_URL: server.url, PACKYARD_TOKEN: server.adminToken };
      const args = ['token', 'create', 'reader', '--scope', 'oci/team:read'];
      const { stdout } = await runOk(['node', inCheckout('bin/packyard'), ...args], { env });
      for (const tool of tools({ DXF_USERNAME: 'me', DXF_PASSWORD: stdout.trim() })) {
        const { code, output } = await tool.run(['push-blob', 'team/alike', 'hello', '@b'], { cwd: folder.path });
        expect(code, output).toBe(1);
      }
    });

    test('DXF_AUTH_HOST is where tokens come from', async () => {
      const { port } = new URL(proxy.url);
      for (const tool of tools({ ...asAdmin(), DXF_AUTH_HOST: `127.0.0.1:${port}` })) {
        expect(await tool.run(['list-repos'])).toMatchObject({ code: 0 });
      }
    });
  });
}

test('dxf logs in to this machine without TLS too', async () => {
  const server = await TestServer.start();
  try {
    const { host } = new URL(server.url);
    const env = { DXF_INSECURE: '1', DXF_USERNAME: 'me', DXF_PASSWORD: server.adminToken };
    const dxf = (more: Env, ...args: readonly string[]) => run([...OURS, ...args], { env: { ...env, ...more } });
    const { code, stdout } = await dxf({ DXF_HOST: host }, 'auth', 'team/app', 'pull');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
    const token = { DXF_PASSWORD: '', DXF_TOKEN: stdout.trim() };
    expect(await dxf({ DXF_HOST: host, ...token }, 'list-aliases', 'team/app')).toMatchObject({ code: 2 });
  } finally {
    await server.stop();
  }
});
