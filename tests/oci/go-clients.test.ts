import { expect } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { clientTest } from '../support/clients.ts';
import { useServer } from '../support/use-server.ts';
import { Session } from './clients.ts';
import { digestOf, Image, someBytes } from './protocol.ts';

const server = useServer();

clientTest('crane appends layers, copies, tags, lists and deletes', 'crane', async (crane) => {
  using session = await Session.open(crane, server(), 'crane');
  await session.ok(['auth', 'login', session.host, '-u', 'me', '--password-stdin'], { input: session.token });
  const image = `${session.host}/crane/app`;
  await session.ok(['append', '--oci-empty-base', '-f', await session.layer('one'), '-t', `${image}:1`]);
  await session.ok(['append', '-b', `${image}:1`, '-f', await session.layer('two'), '-t', `${image}:2`]);
  await session.ok(['tag', `${image}:2`, 'latest']);
  await session.ok(['copy', `${image}:2`, `${session.host}/crane/copy:2`]);
  await session.ok(['mutate', '--label', 'made.by=test', '-t', `${image}:labelled`, `${image}:2`]);
  expect((await session.ok(['ls', image])).stdout.split('\n').filter(Boolean).sort()).toEqual([
    '1',
    '2',
    'labelled',
    'latest',
  ]);
  const digest = (await session.ok(['digest', `${image}:2`])).stdout.trim();
  expect((await session.ok(['digest', `${session.host}/crane/copy:2`])).stdout.trim()).toBe(digest);
  expect(digestOf((await session.ok(['manifest', `${image}:latest`])).stdout)).toBe(digest);
  expect((await session.ok(['catalog', session.host])).stdout).toContain('crane/copy');
  await session.ok(['pull', `${image}:2`, 'image.tar']);
  await session.ok(['validate', '--remote', `${image}:2`]);
  await session.ok(['delete', `${image}@${digest}`]);
  expect((await session.run(['digest', `${image}:2`])).code).not.toBe(0);
  expect((await session.run(['digest', `${image}:latest`])).code).not.toBe(0);
  await session.ok(['digest', `${image}:1`]);
});

clientTest('regctl copies images, uploads in chunks, deletes tags and lists artifacts', 'regctl', async (regctl) => {
  using session = await Session.open(regctl, server(), 'regctl');
  const { host } = session;
  await session.ok(['registry', 'set', '--tls', 'disabled', '--blob-chunk', '400000', '--blob-max', '500000', host]);
  await session.ok(['registry', 'login', host, '-u', 'me', '--pass-stdin'], { input: session.token });
  const source = new Image(server(), 'regctl/app');
  const subject = await source.pushImage('1.0');
  await session.ok(['image', 'copy', `${host}/regctl/app:1.0`, `${host}/regctl/copy:1.0`]);
  await session.ok(['image', 'copy', `${host}/regctl/app:1.0`, `${host}/regctl/app:2.0`]);
  expect((await session.ok(['tag', 'ls', `${host}/regctl/app`])).stdout.trim().split('\n')).toEqual(['1.0', '2.0']);
  await session.ok(['tag', 'rm', `${host}/regctl/app:2.0`]);
  expect((await session.ok(['tag', 'ls', `${host}/regctl/app`])).stdout.trim()).toBe('1.0');
  const bytes = someBytes(1_500_000);
  const put = await session.ok(['blob', 'put', `${host}/regctl/app`], { input: bytes });
  expect(put.stdout.trim()).toBe(digestOf(bytes));
  expect((await source.ok(200, 'HEAD', `blobs/${digestOf(bytes)}`)).headers.get('content-length')).toBe('1500000');
  const artifact = ['artifact', 'put', '--artifact-type', 'example/bill', '--subject', `${host}/regctl/app:1.0`];
  await session.ok(artifact, { input: 'all that is in it' });
  const tree = await session.ok(['artifact', 'tree', `${host}/regctl/app:1.0`]);
  expect(tree.stdout).toContain('example/bill');
  expect((await source.ok(200, 'HEAD', 'manifests/1.0')).headers.get('docker-content-digest')).toBe(subject.digest);
});

clientTest('helm pushes a chart whose version has a plus, shows and pulls it', 'helm', async (helm) => {
  using session = await Session.open(helm, server(), 'helm');
  const { host, folder } = session;
  await Bun.write(folder.join('demo/Chart.yaml'), 'apiVersion: v2\nname: demo\nversion: 1.0.0+build.1\n');
  mkdirSync(folder.join('demo/templates'));
  await session.ok(['package', 'demo']);
  await session.ok(['registry', 'login', '--plain-http', host, '-u', 'me', '--password-stdin'], {
    input: session.token,
  });
  await session.ok(['push', 'demo-1.0.0+build.1.tgz', `oci://${host}/helm/charts`, '--plain-http']);
  const tags = await (await new Image(server(), 'helm/charts/demo').ok(200, 'GET', 'tags/list')).json();
  expect(tags).toEqual({ name: 'helm/charts/demo', tags: ['1.0.0_build.1'] });
  const chart = [`oci://${host}/helm/charts/demo`, '--plain-http'];
  expect((await session.ok(['show', 'chart', ...chart])).stdout).toContain('version: 1.0.0+build.1');
  mkdirSync(folder.join('pulled'));
  await session.ok(['pull', ...chart, '--version', '1.0.0+build.1', '--destination', 'pulled']);
  const pulled = await Bun.file(folder.join('pulled/demo-1.0.0+build.1.tgz')).bytes();
  expect(Buffer.from(pulled).equals(await Bun.file(folder.join('demo-1.0.0+build.1.tgz')).bytes())).toBe(true);
});

clientTest('cosign signs an image, attests it, and both are verified', 'cosign', async (cosign) => {
  using session = await Session.open(cosign, server(), 'cosign');
  const image = new Image(server(), 'cosign/app');
  const { digest } = await image.pushImage('1.0');
  const reference = `${session.host}/cosign/app@${digest}`;
  const env = { COSIGN_PASSWORD: 'secret', COSIGN_YES: 'true' };
  await session.ok(['login', session.host, '-u', 'me', '-p', session.token]);
  await session.ok(['generate-key-pair'], { env });
  const registry = ['--allow-http-registry', '--allow-insecure-registry'];
  await session.ok(['sign', ...registry, '--key', 'cosign.key', '--tlog-upload=false', reference], { env });
  const verify = ['verify', ...registry, '--key', 'cosign.pub', '--insecure-ignore-tlog', '--output', 'json'];
  const verified = JSON.parse((await session.ok([...verify, reference], { env })).stdout) as object[];
  expect(verified).toHaveLength(1);
  await Bun.write(session.folder.join('statement.json'), '{"checked":true}');
  const predicate = ['--predicate', 'statement.json', '--type', 'custom', '--tlog-upload=false'];
  await session.ok(['attest', ...registry, '--key', 'cosign.key', ...predicate, reference], { env });
  const attestation = [
    'verify-attestation',
    ...registry,
    '--key',
    'cosign.pub',
    '--insecure-ignore-tlog',
    '--type',
    'custom',
  ];
  await session.ok([...attestation, reference], { env });
  const other = `${session.host}/cosign/app@${(await image.pushImage('2.0')).digest}`;
  expect((await session.run([...verify, other], { env })).code).not.toBe(0);
});
