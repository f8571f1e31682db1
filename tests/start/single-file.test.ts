import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { publish, putFile } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { runOk } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { makeWheel } from '../support/wheel.ts';

test('npm run build makes one file that serves and publishes, away from the checkout', async () => {
  await runOk(['npm', 'run', '--silent', 'build'], { cwd: inCheckout('') });
  const built = inCheckout('dist/packyard');
  expect(existsSync(built)).toBe(true);
  using folder = new TempFolder('single');
  await runOk(['cp', built, folder.join('packyard')]);
  await using server = await TestServer.start({ command: [folder.join('packyard'), 'serve'] });
  expect((await putFile(server, 'tools/p/1/f', 'x')).status).toBe(201);
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  await publish(server, 'tools', wheel);
  const page = await (await fetch(`${server.url}/repo/pypi/tools/demo/`)).text();
  expect(page).toContain(wheel.sha256);
  for (const path of ['/', '/upload.sh', '/api/v1/openapi.json', '/metrics']) {
    expect((await fetch(`${server.url}${path}`)).status).toBe(200);
  }
  const env = { PACKYARD_URL: server.url, PACKYARD_TOKEN: server.adminToken };
  const other = makeWheel({ name: 'demo', version: '1.1' });
  await Bun.write(folder.join(other.fileName), other.bytes);
  await runOk([folder.join('packyard'), 'upload', 'pypi/tools', folder.join(other.fileName)], { env });
  expect(await (await fetch(`${server.url}/repo/pypi/tools/demo/`)).text()).toContain(other.fileName);

  const workers = { command: [folder.join('packyard'), 'serve'], flags: ['--workers', '2'] };
  await using two = await TestServer.start(workers);
  expect((await putFile(two, 'tools/p/1/f', 'x')).status).toBe(201);
  expect(await (await fetch(`${two.url}/metrics`)).text()).toContain('packyard_workers{state="answering"} 2\n');
});
