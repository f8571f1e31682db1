import { createHash } from 'node:crypto';
import { findClient } from '../support/clients.ts';
import { inCheckout } from '../support/paths.ts';
import { type RunOptions, type RunResult, run } from '../support/run.ts';

export const OURS = ['node', inCheckout('bin/dxf')];
export const NO_ORIGINAL = 'needs python-dxf: run tests/clients/install.sh';

/** The original's command; undefined where this machine does not have it. */
export function originalCommand(): readonly string[] | undefined {
  return findClient('python-dxf')?.command;
}

/** A registry of its own for each of the two tools. */
export interface ToolRegistry {
  readonly url: string;
  /** Beside `DXF_HOST` and `DXF_INSECURE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What requests of the tests themselves carry. */
  readonly authorization?: string;
}

/** One of the two command lines on a registry. */
export class Tool {
  readonly registry: ToolRegistry;
  readonly #command: readonly string[];

  constructor(command: readonly string[], registry: ToolRegistry) {
    this.#command = command;
    this.registry = registry;
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { host, protocol } = new URL(this.registry.url);
    const insecure = protocol === 'http:' ? { DXF_INSECURE: '1' } : undefined;
    const env = { DXF_HOST: host, ...insecure, ...this.registry.env, ...options.env };
    return run([...this.#command, ...args], { ...options, env });
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { url, authorization } = this.registry;
    const headers = { ...(authorization && { authorization }), ...(init.headers as Record<string, string>) };
    return fetch(`${url}/v2/${path}`, { ...init, headers });
  }

  /** Puts a manifest, as other programs do, under a tag. */
  async putManifest(repo: string, tag: string, manifest: { readonly mediaType: string }): Promise<void> {
    const body = JSON.stringify(manifest);
    const response = await this.fetch(`${repo}/manifests/${tag}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': manifest.mediaType },
    });
    if (response.status !== 201)
      throw new Error(`no manifest could be put: ${response.status} ${await response.text()}`);
  }

  /** Everything that clients can see of a repository: aliases with their manifests, and which of the blobs are there. */
  async stateOf(repo: string, blobs: readonly string[]): Promise<object> {
    const list = await this.fetch(`${repo}/tags/list`);
    const { tags } = list.ok ? ((await list.json()) as { tags: string[] | null }) : { tags: null };
    const manifests = await Promise.all(
      [...(tags ?? [])].sort().map(async (tag) => {
        const response = await this.fetch(`${repo}/manifests/${tag}`, { headers: { accept: ACCEPT } });
        return { tag, type: response.headers.get('content-type'), text: await response.text() };
      }),
    );
    const present = await Promise.all(
      blobs.map(async (digest) => (await this.fetch(`${repo}/blobs/${digest}`, { method: 'HEAD' })).status === 200),
    );
    return { manifests, blobs: blobs.filter((_, index) => present[index]) };
  }
}

const ACCEPT = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
