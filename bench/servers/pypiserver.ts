import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import type { Distribution } from '../../tests/support/wheel.ts';
import { stop, waitForAnswer } from '../processes.ts';

/** pypiserver as its README starts it, on a folder of wheels. */
export async function startPypiserver(
  folder: string,
  peers: string,
  wheels: Iterable<Distribution>,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const packages = join(folder, 'packages');
  mkdirSync(packages, { recursive: true });
  for (const wheel of wheels) writeFileSync(join(packages, wheel.fileName), wheel.bytes);
  const port = await freePort();
  const log = Bun.file(join(folder, 'server.log'));
  const child = Bun.spawn(
    [join(peers, 'pypi-server'), 'run', '-i', '127.0.0.1', '-p', String(port), '--disable-fallback', packages],
    { stdin: 'ignore', stdout: log, stderr: log },
  );
  const url = `http://127.0.0.1:${port}`;
  await waitForAnswer(`${url}/`, child);
  return { url, [Symbol.asyncDispose]: () => stop(child) };
}
