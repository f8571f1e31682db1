import { invalid, notFound } from '../../model/errors.ts';
import { type ImageName, parseName } from './version.ts';

/** What an address below `/v2` names. */
export type Address =
  | { readonly kind: 'base' | 'catalog' | 'extensions' }
  | { readonly kind: 'tags' | 'uploads'; readonly image: ImageName }
  | {
      readonly kind: 'manifest' | 'blob' | 'upload' | 'referrers';
      readonly image: ImageName;
      /** A tag or digest, or an upload's number: as it was sent. */
      readonly reference: string;
    };

const FIXED: Readonly<Record<string, 'base' | 'catalog' | 'extensions'>> = {
  '/v2': 'base',
  '/v2/': 'base',
  '/v2/_catalog': 'catalog',
  '/v2/_oci/ext/discover': 'extensions',
};
const IN_IMAGE = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads(?:\/([^/]*))?$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;

/** @throws PackyardError `invalid_request` (NAME_INVALID), `not_found` */
export function parseAddress(path: string): Address {
  const text = decode(path);
  const fixed = FIXED[text];
  if (fixed !== undefined) return { kind: fixed };
  const tags = TAGS.exec(text);
  if (tags?.[1] !== undefined) return { kind: 'tags', image: parseName(tags[1]) };
  const upload = UPLOAD.exec(text);
  if (upload?.[1] !== undefined) {
    const image = parseName(upload[1]);
    const reference = upload[2] ?? '';
    return reference === '' ? { kind: 'uploads', image } : { kind: 'upload', image, reference };
  }
  const [, name, part, reference] = IN_IMAGE.exec(text) ?? [];
  if (name === undefined || reference === undefined)
    throw notFound('there is nothing at this address', { hint: '/v2/NAME/manifests/REFERENCE is where images are' });
  const kind = part === 'manifests' ? 'manifest' : part === 'blobs' ? 'blob' : 'referrers';
  return { kind, image: parseName(name), reference };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw invalid('the address is not well-formed', { cause, details: { oci: 'NAME_INVALID' } });
  }
}
