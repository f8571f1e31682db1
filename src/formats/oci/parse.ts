import { invalid, type PackyardError } from '../../model/errors.ts';
import type { FileReference, JsonObject } from '../../registry/model.ts';
import { parseDigest } from './version.ts';

/** Bytes that a manifest may have: the spec asks for 4 MiB at least. */
export const MANIFEST_LIMIT = 8 * 1024 * 1024;
/** Things that a manifest may name. */
const MOST_REFERENCES = 20_000;

const IMAGE_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;
const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const;
const [OCI_IMAGE] = IMAGE_TYPES;
export const [OCI_INDEX] = INDEX_TYPES;
/** Docker's first form, which nobody writes any more. */
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
/** Layers that are fetched from elsewhere, so a registry need not have them. */
const FOREIGN = /nondistributable|\.foreign\./;

export interface Manifest {
  /** As it is to be served. */
  readonly mediaType: string;
  readonly references: readonly FileReference[];
  readonly subject?: string;
  readonly metadata: JsonObject;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest: its media type, and what it names by digest. Its bytes stay as they are, whatever else is in them.
 * @param contentType the request's header
 * @throws PackyardError `invalid_request` (MANIFEST_INVALID, DIGEST_INVALID)
 */
export function parseManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const fields = parseJson(bytes);
  const mediaType = mediaTypeOf(fields, contentType);
  if (fields.schemaVersion === 1 || SCHEMA_1.test(mediaType))
    throw wrong('Docker image manifests of schema 1 are not taken', 'push with a client that is newer than 2016');
  if (isOneOf(IMAGE_TYPES, mediaType)) {
    requireImage(fields);
  } else if (isOneOf(INDEX_TYPES, mediaType)) {
    requireIndex(fields);
  }
  const config = descriptorOf(fields.config, 'config');
  const layers = listOf(fields.layers, 'layers');
  const children = listOf(fields.manifests, 'manifests');
  const subject = descriptorOf(fields.subject, 'subject');
  const blobs = [...(config ? [config] : []), ...layers, ...listOf(fields.blobs, 'blobs')];
  if (blobs.length + children.length > MOST_REFERENCES)
    throw wrong(`it names more than ${MOST_REFERENCES} blobs and manifests`);
  const annotations = annotationsOf(fields.annotations);
  const artifactType = textOf(fields.artifactType, 'artifactType') ?? (config ? config.mediaType : undefined);
  return {
    mediaType,
    subject: subject?.digest,
    references: unique([
      ...blobs.map(({ digest, isElsewhere }): FileReference => ({ kind: 'blob', digest, required: !isElsewhere })),
      ...children.map(({ digest }): FileReference => ({ kind: 'child', digest, required: true })),
      ...(subject ? [{ kind: 'subject', digest: subject.digest } as const] : []),
    ]),
    metadata: {
      mediaType,
      artifactType,
      ...(subject ? { annotations } : {}),
      ...(layers.length > 0 ? { imageSize: layers.reduce((sum, { size }) => sum + size, config?.size ?? 0) } : {}),
      ...(children.length > 0 ? { images: children.length } : {}),
    },
  };
}

function parseJson(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    // A byte order mark is not part of JSON (RFC 8259, section 8.1): clients could not read what was taken here.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw wrong('it is not JSON', undefined, cause);
  }
  if (!isFields(value)) throw wrong('it is not a JSON object');
  return value;
}

/** What the header says and what the manifest says must be the same; one of them may be missing. */
function mediaTypeOf(fields: Fields, contentType: string | null): string {
  const announced = contentType?.split(';', 1)[0]?.trim() ?? '';
  const own = textOf(fields.mediaType, 'mediaType') ?? '';
  if (announced !== '' && own !== '' && announced !== own)
    throw wrong(`it says that it is ${JSON.stringify(own)}, but was sent as ${JSON.stringify(announced)}`);
  const mediaType = announced || own || (Array.isArray(fields.manifests) ? OCI_INDEX : OCI_IMAGE);
  if (!MEDIA_TYPE.test(mediaType)) throw wrong(`${JSON.stringify(mediaType)} is not a media type`);
  return mediaType;
}

function requireImage(fields: Fields): void {
  if (fields.schemaVersion !== 2) throw wrong('its schemaVersion is not 2');
  if (fields.manifests !== undefined) throw wrong('an image has no manifests (CVE-2021-41190)');
  if (!isFields(fields.config)) throw wrong('it has no config');
}

function requireIndex(fields: Fields): void {
  if (fields.schemaVersion !== 2) throw wrong('its schemaVersion is not 2');
  if (fields.layers !== undefined || fields.config !== undefined)
    throw wrong('an index has neither config nor layers (CVE-2021-41190)');
  if (!Array.isArray(fields.manifests)) throw wrong('it has no manifests');
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string | undefined;
  readonly size: number;
  /** Its bytes are inside the descriptor, or come from another place. */
  readonly isElsewhere: boolean;
}

function descriptorOf(value: unknown, role: string): Descriptor | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) throw wrong(`${role} is not a descriptor`);
  const { digest, size } = value;
  if (typeof digest !== 'string') throw wrong(`${role} has no digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw wrong(`${role} has no size`);
  const mediaType = textOf(value.mediaType, `${role}.mediaType`);
  return {
    digest: parseDigest(digest).toString(),
    mediaType,
    size,
    isElsewhere: FOREIGN.test(mediaType ?? '') || typeof value.data === 'string',
  };
}

function listOf(value: unknown, role: string): readonly Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(`${role} is not a list`);
  return value.map((each, index) => {
    const descriptor = descriptorOf(each, `${role}[${index}]`);
    if (!descriptor) throw wrong(`${role}[${index}] is not a descriptor`);
    return descriptor;
  });
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value) || Object.values(value).some((each) => typeof each !== 'string'))
    throw wrong('its annotations are not texts');
  return value as Record<string, string>;
}

function textOf(value: unknown, role: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw wrong(`${role} is not a text`);
  return value;
}

/** The same blob may be named twice; it is needed if one of the two needs it. */
function unique(references: readonly FileReference[]): readonly FileReference[] {
  const found = new Map<string, FileReference>();
  for (const reference of references) {
    const key = `${reference.kind} ${reference.digest}`;
    if (!found.get(key)?.required) found.set(key, reference);
  }
  return [...found.values()];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOneOf(types: readonly string[], type: string): boolean {
  return types.includes(type);
}

function wrong(problem: string, hint?: string, cause?: unknown): PackyardError {
  return invalid(`the manifest cannot be taken: ${problem}`, { hint, cause, details: { oci: 'MANIFEST_INVALID' } });
}
