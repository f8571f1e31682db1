import { type Distribution, makeWheel } from '../tests/support/wheel.ts';
import type { PackyardServer } from './servers/packyard.ts';

const PYTHONS = ['cp310', 'cp311', 'cp312', 'cp313', 'cp314'];
const PLATFORMS = ['manylinux_2_28_x86_64', 'manylinux_2_28_aarch64', 'macosx_11_0_arm64', 'win_amd64'];

/** `count` small wheels of one project, twenty for each version: five Pythons on four platforms. */
export function* wheelsOf(project: string, count: number): Generator<Distribution> {
  for (let index = 0; index < count; index += 1) {
    const python = PYTHONS[index % PYTHONS.length];
    const platform = PLATFORMS[Math.floor(index / PYTHONS.length) % PLATFORMS.length];
    const version = `1.${Math.floor(index / (PYTHONS.length * PLATFORMS.length))}`;
    yield makeWheel({ name: project, version, requiresPython: '>=3.10', tag: `${python}-${python}-${platform}` });
  }
}

/** Publishes one wheel through `/addpkg`; returns the answer's status. */
export async function offer(server: PackyardServer, repository: string, wheel: Distribution): Promise<number> {
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
  await response.arrayBuffer();
  return response.status;
}

/** The same, where anything but success makes the measurement worthless. */
export async function publish(server: PackyardServer, repository: string, wheel: Distribution): Promise<void> {
  const status = await offer(server, repository, wheel);
  if (status >= 300) throw new Error(`publishing ${wheel.fileName}: ${status}`);
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
