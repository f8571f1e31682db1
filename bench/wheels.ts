import { type Distribution, makeWheel } from '../tests/support/wheel.ts';
import type { PackyardServer } from './servers/packyard.ts';

/** `count` small wheels of one project, each a version of its own. */
export function* versionsOf(project: string, count: number): Generator<Distribution> {
  for (let index = 0; index < count; index += 1) {
    yield makeWheel({ name: project, version: `1.${index}`, requiresPython: '>=3.8' });
  }
}

/** Publishes one wheel through `/addpkg`. */
export async function publish(server: PackyardServer, repository: string, wheel: Distribution): Promise<void> {
  const query = new URLSearchParams({
    provider: 'pypi',
    reponame: repository,
    name: wheel.name,
    version: wheel.version,
  });
  const form = new FormData();
  form.append('f', new Blob([wheel.bytes]), wheel.fileName);
  const options = { method: 'POST', headers: server.authorization, body: form };
  const response = await fetch(`${server.url}/addpkg?${query}`, options);
  if (!response.ok) throw new Error(`publishing ${wheel.fileName}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** Publishes many over several connections at once. */
export async function publishAll(
  server: PackyardServer,
  repository: string,
  wheels: Iterator<Distribution>,
  connections = 16,
): Promise<void> {
  const sender = async () => {
    for (let next = wheels.next(); !next.done; next = wheels.next()) await publish(server, repository, next.value);
  };
  await Promise.all(Array.from({ length: connections }, sender));
}
