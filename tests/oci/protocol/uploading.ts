import { expect } from 'bun:test';
import { type CallOptions, type Image, OCTETS } from '../protocol.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** The address that ends an upload, as clients make it: the digest encoded, and behind what the query already has. */
export function ending(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/** A chunk from `start` up to but without `end`, which says where it belongs. */
export function chunk(bytes: Bytes, start: number, end = bytes.length): CallOptions {
  return { body: bytes.slice(start, end), headers: { ...OCTETS, 'content-range': `${start}-${end - 1}` } };
}

/** The same bytes without a length: Docker sends layers so. */
export function streamOf(bytes: Bytes, step = 700): ReadableStream<Bytes> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += step) controller.enqueue(bytes.slice(at, at + step));
      controller.close();
    },
  });
}

/** Where an upload stands, as its address says. */
export async function rangeOf(image: Image, location: string): Promise<string | null> {
  const response = await image.ok(204, 'GET', location);
  expect(response.headers.get('location')).toBe(location);
  expect(await response.text()).toBe('');
  return response.headers.get('range');
}

/** Sends some bytes and takes the address for the next ones from the answer, as the specification asks clients to. */
async function patch(image: Image, location: string, options: CallOptions): Promise<string> {
  const response = await image.ok(202, 'PATCH', location, options);
  expect(response.headers.get('content-length')).toBe('0');
  return response.headers.get('location') ?? '';
}

type Push = (image: Image, bytes: Bytes, digest: string) => Promise<Response>;

/** Every way to push a blob; its last answer. What it ends with is for the test to look at. */
export const FORMS: Readonly<Record<string, Push>> = {
  'in one POST': (image, bytes, digest) =>
    image.call('POST', `blobs/uploads/?digest=${digest}`, { body: bytes, headers: OCTETS }),
  'in one POST of unknown length': (image, bytes, digest) =>
    image.call('POST', `blobs/uploads/?digest=${digest}`, { body: streamOf(bytes), headers: OCTETS }),
  'in a POST and a PUT': async (image, bytes, digest) =>
    image.call('PUT', ending(await image.begin(), digest), { body: bytes, headers: OCTETS }),
  'in a POST and a PUT of unknown length': async (image, bytes, digest) =>
    image.call('PUT', ending(await image.begin(), digest), { body: streamOf(bytes), headers: OCTETS }),
  'in one PATCH, as Podman does': async (image, bytes, digest) => {
    const location = await patch(image, await image.begin(), { body: bytes, headers: OCTETS });
    return image.call('PUT', ending(location, digest), { headers: { ...OCTETS, 'content-length': '0' } });
  },
  'in one PATCH of unknown length, as Docker does': async (image, bytes, digest) => {
    const location = await patch(image, await image.begin(), { body: streamOf(bytes), headers: OCTETS });
    return image.call('PUT', ending(location, digest));
  },
  'in several PATCHes that do not say where they belong': async (image, bytes, digest) => {
    let location = await image.begin();
    const third = Math.ceil(bytes.length / 3);
    location = await patch(image, location, { body: bytes.slice(0, third), headers: OCTETS });
    location = await patch(image, location, { body: streamOf(bytes.slice(third, 2 * third)), headers: OCTETS });
    return image.call('PUT', ending(location, digest), { body: bytes.slice(2 * third), headers: OCTETS });
  },
  'in chunks': async (image, bytes, digest) => {
    let location = await image.begin();
    const third = Math.ceil(bytes.length / 3);
    for (let at = 0; at < bytes.length; at += third)
      location = await patch(image, location, chunk(bytes, at, Math.min(at + third, bytes.length)));
    return image.call('PUT', ending(location, digest));
  },
  'in chunks with the last one in the PUT': async (image, bytes, digest) => {
    const half = Math.ceil(bytes.length / 2);
    const location = await patch(image, await image.begin(), chunk(bytes, 0, half));
    return image.call('PUT', ending(location, digest), chunk(bytes, half));
  },
};

/** That a blob came in: what the answer says, and that its Location is where the bytes are. */
export async function expectStored(
  image: Image,
  response: Response,
  { bytes, digest }: { readonly bytes: Bytes; readonly digest: string },
): Promise<void> {
  expect([response.status, await response.text()]).toEqual([201, '']);
  expect(response.headers.get('content-length')).toBe('0');
  expect(response.headers.get('docker-content-digest')).toBe(digest);
  const location = response.headers.get('location') ?? '';
  expect(location).toStartWith('/v2/');
  const stored = await image.ok(200, 'GET', location);
  expect(stored.headers.get('docker-content-digest')).toBe(digest);
  expect(stored.headers.get('content-length')).toBe(String(bytes.length));
  expect(stored.headers.get('content-type')).toBe('application/octet-stream');
  expect(Buffer.from(await stored.arrayBuffer()).equals(bytes)).toBe(true);
}

/** That an answer is an error of this protocol with this status and code. */
export async function expectError(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  expect([response.status, text.includes('"errors"')]).toEqual([status, true]);
  expect(response.headers.get('content-type')).toContain('application/json');
  const { errors } = JSON.parse(text) as { errors: { code: string; message: string }[] };
  expect(errors.map((error) => error.code)).toEqual([code]);
  expect(errors[0]?.message).toBeTruthy();
}
