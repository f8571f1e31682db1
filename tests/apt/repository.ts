import { Buffer } from 'node:buffer';
import { type DebOptions, debBytes } from '../../src/formats/apt/fixtures/deb-writer.ts';
import { changesFile, type NamedBytes, sourcePackage } from '../../src/formats/apt/fixtures/source-writer.ts';
import { bearer } from '../support/api.ts';
import type { TestServer } from '../support/start-server.ts';
import { AptRoot } from './apt-root.ts';

/** Servers of tests sign with a key that is made in no time. */
export const FAST_KEYS = { env: { PACKYARD_SIGNING_ALGORITHM: 'ed25519' } };

/** Where an uploaded file goes. */
export interface Place {
  readonly repository: string;
  /** `bookworm` if left out; none where it is undefined. */
  readonly dist?: string | readonly string[];
  readonly component?: string;
}

export function repositoryUrl(server: TestServer, repository: string): string {
  return `${server.url}/repo/apt/${repository}`;
}

/** Uploads a file by `/addpkg`, as artifactd's users do; the answer as it is. */
export function addPackage(
  server: TestServer,
  place: Place,
  file: NamedBytes,
  extra: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const query = new URLSearchParams({ provider: 'apt', reponame: place.repository, ...extra });
  const dists = 'dist' in place ? [place.dist ?? []].flat() : ['bookworm'];
  for (const dist of dists) query.append('dist', dist);
  if (place.component !== undefined) query.set('component', place.component);
  const form = new FormData();
  form.append('f', new Blob([file.bytes]), file.name);
  const headers = bearer(server.adminToken);
  return fetch(`${server.url}/addpkg?${query}`, { method: 'POST', headers, body: form });
}

/** Publishes a package made for the test. @throws Error when it is refused */
export async function publishDeb(server: TestServer, place: Place, options: DebOptions = {}): Promise<void> {
  const response = await addPackage(server, place, { name: 'any.deb', bytes: debBytes(options) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

/** Publishes a source package: its files, then the .dsc. */
export async function publishSource(
  server: TestServer,
  place: Place,
  options: Parameters<typeof sourcePackage>[0] = {},
): Promise<void> {
  const { dsc, files } = sourcePackage(options);
  for (const file of [...files, dsc]) {
    const response = await addPackage(server, place, file);
    if (!response.ok) throw new Error(`${file.name}: ${response.status} ${await response.text()}`);
  }
}

/** An address below the repository, as text. @throws Error unless it is found */
export async function read(server: TestServer, repository: string, path: string): Promise<string> {
  const response = await fetch(`${repositoryUrl(server, repository)}/${path}`, { headers: bearer(server.adminToken) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** The paragraphs of an index, each as its fields. */
export function paragraphs(text: string): ReadonlyMap<string, string>[] {
  return text
    .split('\n\n')
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => {
      const fields = [...paragraph.matchAll(/^([^\s:]+):[ ]?(.*(?:\n[ \t].*)*)$/gm)];
      return new Map(fields.map(([, name = '', value = '']) => [name, value]));
    });
}

/** What `Packages` of a distribution lists, as `name version`. */
export async function listed(
  server: TestServer,
  repository: string,
  where = 'bookworm/main/binary-amd64',
): Promise<string[]> {
  const text = await read(server, repository, `dists/${where}/Packages`);
  return paragraphs(text).map((fields) => `${fields.get('Package')} ${fields.get('Version')}`);
}

/** An apt that has a distribution as its only source, with the key inside. */
export async function aptFor(server: TestServer, repository: string, dist = 'bookworm'): Promise<AptRoot> {
  const root = new AptRoot();
  const sources = await read(server, repository, `${dist}.sources`);
  root.writeSources(`${repository}.sources`, sources.replace('Types: deb', 'Types: deb deb-src'));
  return root;
}

export { changesFile, type NamedBytes, sourcePackage };

/** A file sent as the body of a PUT; the answer as it is. */
export function put(server: TestServer, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`${server.url}/repo/apt/${path}`, {
    method: 'PUT',
    headers: bearer(server.adminToken),
    body: Buffer.from(bytes),
  });
}
