import { afterAll, beforeAll, expect, test } from 'bun:test';
import { addPackage, putFile } from '../support/api.ts';
import { skipVisibly } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { stagedFiles } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';

const SENTENCE = 'an upload that does not fit on the disk is 507, leaves nothing, and the next that fits is stored';
const MOUNT = ['mount', '-t', 'tmpfs', '-o', 'size=24m', 'packyard-test'];
const folder = new TempFolder('full');
const mounted = (await run([...MOUNT, folder.path])).code === 0;

if (!mounted) {
  folder.dispose();
  skipVisibly(SENTENCE, 'needs a small tmpfs: run as root where mounting is allowed');
} else {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ dataDir: folder.path });
  });

  afterAll(async () => {
    await server.stop();
    await run(['umount', folder.path]);
    folder.dispose();
  });

  test(SENTENCE, async () => {
    const tooLarge = new Uint8Array(40_000_000).fill(1);
    const put = await putFile(server, 'full/p/1/large', tooLarge, { accept: 'application/json' });
    expect(put.status).toBe(507);
    expect(await put.json()).toMatchObject({ ok: false, error: { code: 'storage_full', hint: expect.any(String) } });
    const parameters = { provider: 'generic', reponame: 'full', name: 'p', version: '1' };
    const form = await addPackage(server, parameters, 'large', tooLarge);
    expect(form.status).toBe(507);
    await eventually('the temporary files are removed', () => stagedFiles(server).length === 0);
    expect((await fetch(`${server.url}/repo/generic/full/p/1/large`)).status).toBe(404);
    const small = await putFile(server, 'full/p/1/small', 'fits');
    expect(small.status).toBe(201);
    expect(await (await fetch(`${server.url}/repo/generic/full/p/1/small`)).text()).toBe('fits');
  });

  test('a disk that is full to the last byte still lets everything be read, and /readyz says so', async () => {
    await putFile(server, 'full/p/1/kept', 'kept');
    await run(['dd', 'if=/dev/zero', `of=${folder.join('ballast')}`, 'bs=64k']);
    expect((await putFile(server, 'full/p/1/no', new Uint8Array(1_000_000))).status).toBe(507);
    expect(await (await fetch(`${server.url}/repo/generic/full/p/1/kept`)).text()).toBe('kept');
    const readiness = async () => (await fetch(`${server.url}/readyz`)).status;
    await eventually('the server says that it is not ready', async () => (await readiness()) === 503);
    await run(['rm', folder.join('ballast')]);
    await eventually('the server is ready again', async () => (await readiness()) === 200);
    expect((await putFile(server, 'full/p/1/no', new Uint8Array(1_000_000))).status).toBe(201);
    expect(await run(['node', inCheckout('bin/packyard'), 'fsck', ...server.placeFlags])).toMatchObject({ code: 0 });
  });
}
