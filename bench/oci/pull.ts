import { MANIFEST } from './push.ts';

/** Pulls an image as clients do: each thing is asked for before it is fetched. What arrives is thrown away. */
export async function pullImage(registry: string, image: string, tag: string): Promise<void> {
  const place = `${registry}/v2/${image}`;
  const headers = { accept: MANIFEST };
  await get(`${place}/manifests/${tag}`, 'HEAD', headers);
  const manifest = (await (await get(`${place}/manifests/${tag}`, 'GET', headers)).json()) as {
    readonly config: { readonly digest: string };
    readonly layers: readonly { readonly digest: string }[];
  };
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    await get(`${place}/blobs/${digest}`, 'HEAD');
    for await (const _ of (await get(`${place}/blobs/${digest}`, 'GET')).body ?? []);
  }
}

async function get(url: string, method: string, headers: HeadersInit = {}): Promise<Response> {
  const answer = await fetch(url, { method, headers });
  if (answer.status !== 200) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
