import { expect } from 'bun:test';
import { clientTest } from '../support/clients.ts';
import { useServer } from '../support/use-server.ts';
import { Session } from './clients.ts';
import { Image } from './protocol.ts';

const server = useServer();
const HTTP = '--plain-http';

clientTest('oras pushes files, attaches others to them, finds and pulls both', 'oras', async (oras) => {
  using session = await Session.open(oras, server(), 'oras');
  await session.ok(['login', HTTP, '-u', 'me', '--password-stdin', session.host], { input: session.token });
  const artifact = `${session.host}/oras/config:1.0`;
  await Bun.write(session.folder.join('settings.json'), '{"a":1}');
  await Bun.write(session.folder.join('bill.txt'), 'all that is in it');
  await session.ok(['push', HTTP, artifact, 'settings.json:application/json']);
  await session.ok(['attach', HTTP, '--artifact-type', 'example/bill', artifact, 'bill.txt:text/plain']);
  const found = JSON.parse((await session.ok(['discover', HTTP, '--format', 'json', artifact])).stdout) as {
    manifests: { artifactType: string; reference: string }[];
  };
  expect(found.manifests.map((each) => each.artifactType)).toEqual(['example/bill']);
  // The registry says that it lists referrers, so nothing is written under a fallback tag.
  const tags = await (await new Image(server(), 'oras/config').ok(200, 'GET', 'tags/list')).json();
  expect(tags).toEqual({ name: 'oras/config', tags: ['1.0'] });
  await session.ok(['pull', HTTP, '--output', 'pulled', artifact]);
  await session.ok(['pull', HTTP, '--output', 'pulled', found.manifests[0]?.reference ?? '']);
  expect(await Bun.file(session.folder.join('pulled/settings.json')).text()).toBe('{"a":1}');
  expect(await Bun.file(session.folder.join('pulled/bill.txt')).text()).toBe('all that is in it');
});

clientTest('oras copies an artifact with all that is attached to it', 'oras', async (oras) => {
  using session = await Session.open(oras, server(), 'oras');
  await session.ok(['login', HTTP, '-u', 'me', '--password-stdin', session.host], { input: session.token });
  const image = new Image(server(), 'oras/source');
  const subject = await image.pushImage('1.0');
  const signature = await image.pushImage(undefined, { subject });
  const target = `${session.host}/oras/target:1.0`;
  await session.ok([
    'cp',
    '--from-plain-http',
    '--to-plain-http',
    '--recursive',
    `${session.host}/oras/source:1.0`,
    target,
  ]);
  const copy = new Image(server(), 'oras/target');
  const { manifests } = (await (await copy.ok(200, 'GET', `referrers/${subject.digest}`)).json()) as {
    manifests: { digest: string }[];
  };
  expect(manifests.map(({ digest }) => digest)).toEqual([signature.digest]);
  expect((await session.ok(['repo', 'tags', HTTP, `${session.host}/oras/target`])).stdout.trim()).toBe('1.0');
  expect((await session.ok(['repo', 'ls', HTTP, session.host])).stdout).toContain('oras/target');
});

clientTest('oras pushes, fetches and deletes single blobs and manifests', 'oras', async (oras) => {
  using session = await Session.open(oras, server(), 'oras');
  await session.ok(['login', HTTP, '-u', 'me', '--password-stdin', session.host], { input: session.token });
  await Bun.write(session.folder.join('blob'), 'bytes of a blob');
  const repository = `${session.host}/oras/blobs`;
  const pushed = JSON.parse((await session.ok(['blob', 'push', HTTP, '--descriptor', repository, 'blob'])).stdout) as {
    digest: string;
  };
  const reference = `${repository}@${pushed.digest}`;
  expect((await session.ok(['blob', 'fetch', HTTP, '--output', '-', reference])).stdout).toBe('bytes of a blob');
  await session.ok(['blob', 'delete', HTTP, '--force', reference]);
  expect((await session.run(['blob', 'fetch', HTTP, '--output', '-', reference])).code).not.toBe(0);
  const { digest } = await new Image(server(), 'oras/blobs').pushImage('x');
  const fetched = await session.ok(['manifest', 'fetch', HTTP, '--descriptor', `${repository}:x`]);
  expect(JSON.parse(fetched.stdout)).toMatchObject({ digest });
  await session.ok(['manifest', 'delete', HTTP, '--force', `${repository}@${digest}`]);
  expect((await session.run(['manifest', 'fetch', HTTP, `${repository}:x`])).code).not.toBe(0);
});
