import type { ChangingBlob } from './changing-blob.ts';

/** `whole`: POST and PUT, as containerd does it; `streamed`: POST, one PATCH of unknown length and PUT, as docker does it. */
export type PushForm = 'whole' | 'streamed';

const OCTETS = { 'content-type': 'application/octet-stream' };
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** Pushes a blob to a registry that takes it from everybody. */
export async function pushBlob(
  registry: string,
  image: string,
  blob: Pick<ChangingBlob, 'path' | 'stream'>,
  { digest, form }: { readonly digest: string; readonly form: PushForm },
): Promise<void> {
  let location = await begin(registry, image);
  if (form === 'streamed') {
    // Bun's fetch takes generators; the types that it shares with browsers do not.
    const body = blob.stream() as unknown as ReadableStream;
    location = locationOf(await send(location, 202, { method: 'PATCH', headers: OCTETS, body }), registry);
  }
  // A file is sent by the kernel, so that the client takes no time from the server.
  await finish(location, digest, form === 'whole' ? Bun.file(blob.path) : undefined);
}

/** Pushes a few bytes and returns what a manifest says of them. */
export async function pushBytes(registry: string, image: string, bytes: Uint8Array<ArrayBuffer>, mediaType = LAYER) {
  const digest = `sha256:${new Bun.CryptoHasher('sha256').update(bytes).digest('hex')}`;
  await finish(await begin(registry, image), digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

/** Pushes an image's description and its manifest; the layers have been pushed before. */
export async function pushManifest(
  registry: string,
  image: string,
  tag: string,
  layers: readonly { readonly digest: string; readonly size: number }[],
): Promise<void> {
  const description = { architecture: 'amd64', os: 'linux', author: crypto.randomUUID() };
  const config = await pushBytes(registry, image, new TextEncoder().encode(JSON.stringify(description)), CONFIG);
  const named = layers.map(({ digest, size }) => ({ mediaType: LAYER, digest, size }));
  const body = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers: named });
  const headers = { 'content-type': MANIFEST };
  await send(new URL(`${registry}/v2/${image}/manifests/${tag}`), 201, { method: 'PUT', headers, body });
}

async function begin(registry: string, image: string): Promise<URL> {
  return locationOf(await send(new URL(`${registry}/v2/${image}/blobs/uploads/`), 202, { method: 'POST' }), registry);
}

async function finish(location: URL, digest: string, body: BodyInit | undefined): Promise<void> {
  location.searchParams.set('digest', digest);
  await send(location, 201, { method: 'PUT', headers: OCTETS, body });
}

async function send(url: URL, expected: number, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options);
  const text = await answer.text();
  if (answer.status !== expected) throw new Error(`${options.method} ${url}: ${answer.status} ${text}`);
  return answer;
}

function locationOf(answer: Response, registry: string): URL {
  return new URL(answer.headers.get('location') ?? '', registry);
}
