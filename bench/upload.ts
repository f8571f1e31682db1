import type { PackyardServer } from './servers/packyard.ts';

/** Uploads a file with curl, whose work must not count as the server's. */
export async function curlUpload(server: PackyardServer, path: string, file: string): Promise<void> {
  const authorization = `Authorization: Bearer ${server.token}`;
  const url = `${server.url}/repo/generic/${path}`;
  const child = Bun.spawn([
    'curl',
    '-sS',
    '-f',
    '-o',
    '/dev/null',
    '-H',
    authorization,
    '-H',
    'Expect:',
    '-T',
    file,
    url,
  ]);
  if ((await child.exited) !== 0) throw new Error(`uploading ${path} failed`);
}
