import { basic } from './api.ts';
import { sha256 } from './wheel.ts';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** Where images are pushed to. */
interface Registry {
  readonly url: string;
  readonly adminToken: string;
}

export interface PushedImage {
  readonly digest: string;
  /** Digests of config and layers. */
  readonly blobs: readonly string[];
}

/** Pushes an image whose layers are these texts, by plain requests. @param reference e.g. `team/app:1.0` */
export async function pushImage(
  server: Registry,
  reference: string,
  layers: readonly string[],
  subject?: { readonly digest: string; readonly size: number },
): Promise<PushedImage> {
  const [name = '', tag] = reference.split(':');
  const describe = (text: string, mediaType: string) => ({
    mediaType,
    digest: `sha256:${sha256(Buffer.from(text))}`,
    size: Buffer.byteLength(text),
  });
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', name: reference });
  for (const text of [config, ...layers]) {
    const digest = `sha256:${sha256(Buffer.from(text))}`;
    await put(server, 'POST', `${name}/blobs/uploads/?digest=${digest}`, text, 'application/octet-stream');
  }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: describe(config, CONFIG),
    layers: layers.map((text) => describe(text, LAYER)),
    subject: subject && { mediaType: IMAGE, ...subject },
  });
  const digest = `sha256:${sha256(Buffer.from(manifest))}`;
  await put(server, 'PUT', `${name}/manifests/${tag ?? digest}`, manifest, IMAGE);
  return { digest, blobs: [config, ...layers].map((text) => `sha256:${sha256(Buffer.from(text))}`) };
}

async function put(server: Registry, method: string, path: string, body: string, type: string): Promise<void> {
  const headers = { ...basic(server.adminToken), 'content-type': type };
  const response = await fetch(`${server.url}/v2/${path}`, { method, headers, body });
  if (response.status !== 201) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
