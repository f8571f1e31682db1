import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import type { Distribution } from '../../tests/support/wheel.ts';
import { stop, waitForAnswer } from '../processes.ts';

/** devpi-server with one index `root/dev`, filled by uploads as its own client makes them. */
export async function startDevpi(
  folder: string,
  peers: string,
  wheels: Iterable<Distribution>,
): Promise<{ readonly url: string } & AsyncDisposable> {
  mkdirSync(folder, { recursive: true });
  const data = join(folder, 'data');
  const log = Bun.file(join(folder, 'server.log'));
  const output = { stdin: 'ignore', stdout: log, stderr: log } as const;
  const init = Bun.spawn(
    [join(peers, 'devpi-init'), '--serverdir', data, '--no-root-pypi', '--root-passwd', 'bench'],
    output,
  );
  if ((await init.exited) !== 0) throw new Error(`devpi-init failed: ${await log.text()}`);
  const port = await freePort();
  const command = [join(peers, 'devpi-server'), '--serverdir', data, '--host', '127.0.0.1', '--port', String(port)];
  const child = Bun.spawn([...command, '--offline-mode'], output);
  const url = `http://127.0.0.1:${port}`;
  await waitForAnswer(`${url}/+api`, child);
  const headers = await logIn(url);
  await insist(await fetch(`${url}/root/dev`, { method: 'PUT', headers, body: JSON.stringify({ bases: [] }) }));
  for (const wheel of wheels) {
    const form = new FormData();
    form.append(':action', 'file_upload');
    form.append('name', wheel.name);
    form.append('version', wheel.version);
    form.append('filetype', 'bdist_wheel');
    form.append('content', new Blob([wheel.bytes]), wheel.fileName);
    await insist(
      await fetch(`${url}/root/dev/`, {
        method: 'POST',
        headers: { 'X-Devpi-Auth': headers['X-Devpi-Auth'] },
        body: form,
      }),
    );
  }
  return { url, [Symbol.asyncDispose]: () => stop(child) };
}

async function logIn(url: string): Promise<{ 'X-Devpi-Auth': string; 'content-type': string }> {
  const body = JSON.stringify({ user: 'root', password: 'bench' });
  const answer = (await (await insist(await fetch(`${url}/+login`, { method: 'POST', body }))).json()) as {
    result: { password: string };
  };
  const credentials = Buffer.from(`root:${answer.result.password}`).toString('base64');
  return { 'X-Devpi-Auth': credentials, 'content-type': 'application/json' };
}

async function insist(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`devpi: ${response.status} ${await response.text()}`);
  return response;
}
