import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext, Row } from '../section.ts';
import { NginxServer } from '../servers/nginx.ts';
import { median, takeTurns } from '../statistics.ts';
import { type WrkOptions, wrk } from '../wrk.ts';
import { ChangingBlob } from './changing-blob.ts';
import { milliseconds, perSecond } from './figures.ts';
import { MANIFEST, pushBlob, pushBytes, pushManifest } from './push.ts';
import type { Registries } from './registries.ts';

const IMAGE = 'bench/pull';
const LAYERS = 10;
const SMALL = 64 * 1024;
const ROUNDS = 5;
/** Milliseconds. */
const P99_LIMIT = 5;

/** A manifest by its tag, and a small layer. */
export async function pulls(context: BenchContext, registries: Registries): Promise<readonly Row[]> {
  const { packyard, docker } = registries;
  const blob = new ChangingBlob(join(context.folder, 'small-layer'), SMALL);
  const [state = { beginning: new Uint8Array(), digest: '' }] = blob.plan(1);
  blob.become(state);
  for (const { url } of [packyard, docker]) {
    await pushBlob(url, IMAGE, blob, { digest: state.digest, form: 'whole' });
    const texts = Array.from({ length: LAYERS - 1 }, (_, index) => new TextEncoder().encode(`layer ${index}`));
    const others = await Promise.all(texts.map((text) => pushBytes(url, IMAGE, text)));
    await pushManifest(url, IMAGE, 'latest', [{ digest: state.digest, size: SMALL }, ...others]);
  }
  return [...(await manifests(context, registries)), ...(await blobs(context, registries, blob, state.digest))];
}

async function manifests(context: BenchContext, { packyard, docker }: Registries): Promise<readonly Row[]> {
  const path = `/v2/${IMAGE}/manifests/latest`;
  const p99: number[] = [];
  const load = (url: string, headers = {}) =>
    measure(context, `${url}${path}`, { seconds: 4, connections: 16, headers: { accept: MANIFEST, ...headers } });
  const result = await takeTurns(ROUNDS, {
    packyard: async () => {
      const result = await load(packyard.url);
      p99.push(result.p99);
      return result.requestsPerSecond;
    },
    token: async () => (await load(packyard.url, packyard.authorization)).requestsPerSecond,
    docker: async () => (await load(docker.url)).requestsPerSecond,
  });
  const peer = `docker-registry ${perSecond(result.docker)}`;
  return [
    {
      what: 'manifest GET by tag, 16 connections',
      packyard: perSecond(result.packyard),
      peer,
      ratio: result.packyard / result.docker,
      target: { atLeast: 8 },
    },
    {
      what: 'manifest GET by tag, 16 connections, p99',
      packyard: milliseconds(median(p99)),
      peer: `limit ${P99_LIMIT} ms`,
      ratio: median(p99) / P99_LIMIT,
      target: { atMost: 1 },
    },
    {
      what: 'the same with a token in each request',
      packyard: perSecond(result.token),
      peer: `${peer}, without`,
      ratio: result.token / result.docker,
    },
  ];
}

async function blobs(
  context: BenchContext,
  { packyard, docker }: Registries,
  blob: ChangingBlob,
  digest: string,
): Promise<readonly Row[]> {
  await using nginx = await NginxServer.start(join(context.folder, 'nginx-oci'), 1);
  copyFileSync(blob.path, join(nginx.root, 'layer'));
  const path = `/v2/${IMAGE}/blobs/${digest}`;
  const load = (url: string) => async () =>
    (await measure(context, url, { seconds: 4, connections: 32 })).requestsPerSecond;
  const result = await takeTurns(ROUNDS, {
    packyard: load(`${packyard.url}${path}`),
    docker: load(`${docker.url}${path}`),
    nginx: load(`${nginx.url}/layer`),
  });
  const what = 'blob GET, 64 KB';
  return [
    {
      what: `${what}, against nginx`,
      packyard: perSecond(result.packyard),
      peer: `nginx ${perSecond(result.nginx)}`,
      ratio: result.packyard / result.nginx,
      target: { atLeast: 0.7 },
    },
    {
      what: `${what}, against docker-registry`,
      packyard: perSecond(result.packyard),
      peer: `docker-registry ${perSecond(result.docker)}`,
      ratio: result.packyard / result.docker,
    },
  ];
}

async function measure({ folder, note }: BenchContext, url: string, options: WrkOptions) {
  const result = await wrk(folder, url, options);
  note(`${url}: ${perSecond(result.requestsPerSecond)}, p99 ${milliseconds(result.p99)}`);
  return result;
}
