import { expect } from 'bun:test';
import { type Client, clientTest } from '../support/clients.ts';
import { useServer } from '../support/use-server.ts';
import { Session } from './clients.ts';
import { Image } from './protocol.ts';

const server = useServer();
const PLAIN = '--tls-verify=false';

/** Podman and buildah with a storage of their own, as root without a daemon. */
function storage(session: Session): string[] {
  const { folder } = session;
  return ['--root', folder.join('root'), '--runroot', folder.join('runroot'), '--storage-driver', 'vfs'];
}

async function withStorage(client: Client, use: (session: Session, store: readonly string[]) => Promise<void>) {
  using session = await Session.open(client, server(), client.name);
  await use(session, storage(session));
}

async function login(session: Session, store: readonly string[]): Promise<void> {
  const args = [...store, 'login', PLAIN, '--username', 'me', '--password-stdin', session.host];
  expect((await session.ok(args, { input: session.token })).output).toContain('Login Succeeded');
}

clientTest('podman logs in, pushes an image, and pulls the same one again', 'podman', (podman) =>
  withStorage(podman, async (session, store) => {
    await login(session, store);
    const image = `${session.host}/podman/app:1.0`;
    await session.ok([...store, 'import', await session.layer('rootfs'), image]);
    const before = (await session.ok([...store, 'image', 'inspect', '--format', '{{.Id}}', image])).stdout;
    await session.ok([...store, 'push', PLAIN, '--digestfile', session.folder.join('digest'), image]);
    const pushed = await Bun.file(session.folder.join('digest')).text();
    const head = await new Image(server(), 'podman/app').ok(200, 'HEAD', 'manifests/1.0');
    expect(head.headers.get('docker-content-digest')).toBe(pushed);
    await session.ok([...store, 'rmi', image]);
    await session.ok([...store, 'pull', PLAIN, `${session.host}/podman/app@${pushed}`]);
    await session.ok([...store, 'pull', PLAIN, image]);
    expect((await session.ok([...store, 'image', 'inspect', '--format', '{{.Id}}', image])).stdout).toBe(before);
    const search = await session.ok([...store, 'search', PLAIN, '--list-tags', `${session.host}/podman/app`]);
    expect(search.stdout).toContain('1.0');
  }),
);

clientTest('podman pulls nothing that was deleted, and says that it is not there', 'podman', (podman) =>
  withStorage(podman, async (session, store) => {
    const image = new Image(server(), 'podman/gone');
    await image.pushImage('1.0');
    await image.ok(202, 'DELETE', 'manifests/1.0');
    await login(session, store);
    const pull = await session.run([...store, 'pull', PLAIN, `${session.host}/podman/gone:1.0`]);
    expect(pull.code).not.toBe(0);
    expect(pull.stderr).toContain('manifest unknown');
  }),
);

clientTest('buildah builds an image from nothing, pushes it, and begins another one from it', 'buildah', (buildah) =>
  withStorage(buildah, async (session, store) => {
    await login(session, store);
    const image = `${session.host}/buildah/app:1.0`;
    const container = (await session.ok([...store, 'from', 'scratch'])).stdout.trim();
    await session.ok([...store, 'config', '--label', 'made.by=test', container]);
    await session.ok([...store, 'add', container, await session.layer('files'), '/']);
    await session.ok([...store, 'commit', container, image]);
    await session.ok([...store, 'push', PLAIN, image]);
    await session.ok([...store, 'rmi', '--force', image]);
    const again = (await session.ok([...store, 'from', PLAIN, '--pull-always', image])).stdout.trim();
    const label = '{{index .OCIv1.Config.Labels "made.by"}}';
    expect((await session.ok([...store, 'inspect', '--format', label, again])).stdout.trim()).toBe('test');
  }),
);
