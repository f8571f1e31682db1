import { z } from 'zod';
import type { S3Location, StorageLocation } from './config.ts';
import { pathOf, schemeOf } from './value-types.ts';

const EXPECTED = 'file:FOLDER, e.g. file:/srv/packages, s3://BUCKET/PREFIX?endpoint=URL&region=REGION, or memory:';

/** What may follow `?`. The address of the store is no parameter where the value begins with it. */
const PARAMETERS = ['region', 'path_style', 'public_endpoint', 'create'];

class Refused extends Error {}

/** Where blobs lie. A refusal never repeats the value: it may hold a secret key. */
export function storageUrl() {
  return z.unknown().transform((raw, context): StorageLocation => {
    try {
      return parse(typeof raw === 'string' ? raw.trim() : '');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

function parse(text: string): StorageLocation {
  if (text === 'memory:') return { kind: 'memory' };
  const path = pathOf(text, 'file');
  if (path) return { kind: 'file', path };
  const scheme = schemeOf(text) ?? '';
  if (scheme === 's3') return parseBucket(text);
  if (scheme === 'http' || scheme === 'https') return parseStore(text);
  const unknown = scheme !== '' && scheme !== 'file' ? `${scheme} storage is not known here, ` : '';
  throw new Refused(`${unknown}expected ${EXPECTED}`);
}

/** `s3://bucket/prefix?endpoint=…`. Credentials come from where the tools of AWS find theirs. */
function parseBucket(text: string): S3Location {
  const [, place = '', query = ''] = /^s3:\/\/([^?#]*)(?:\?(.*))?$/is.exec(text) ?? [];
  if (place.includes('@'))
    throw new Refused('keys do not belong into an s3: address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const slash = place.indexOf('/');
  const parameters = parametersOf(query, ['endpoint', ...PARAMETERS]);
  const endpoint = address(parameters, 'endpoint');
  return {
    kind: 's3',
    bucket: bucketName(slash < 0 ? place : place.slice(0, slash)),
    prefix: prefixOf(slash < 0 ? '' : place.slice(slash + 1)),
    endpoint,
    ...options(parameters, { pathStyle: endpoint !== undefined, create: false }),
  };
}

/**
 * `http(s)://key:secret@host:port/bucket`: the bucket is made if it is not there. Key and secret stand as they are, without
 * percent-encoding, and may hold `/` and `+`: so the host begins after the last `@`.
 */
function parseStore(text: string): S3Location {
  const [, scheme = '', user, host = '', bucket = '', query = ''] =
    /^(https?):\/\/(?:(.*)@)?([^@/?#]*)\/?([^@?#]*)(?:\?([^@]*))?$/is.exec(text) ?? [];
  if (host === '' || !URL.canParse(`${scheme}://${host}`))
    throw new Refused(`it names no host: expected ${scheme || 'https'}://KEY:SECRET@HOST/BUCKET`);
  const colon = user?.indexOf(':') ?? -1;
  const accessKeyId = user?.slice(0, Math.max(0, colon)) ?? '';
  const secretAccessKey = user?.slice(colon + 1) ?? '';
  return {
    kind: 's3',
    bucket: bucketName(bucket.replace(/\/$/, '')),
    prefix: '',
    endpoint: `${scheme.toLowerCase()}://${host}`,
    ...options(parametersOf(query, PARAMETERS), { pathStyle: true, create: true }),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  };
}

function options(parameters: URLSearchParams, fallback: { readonly pathStyle: boolean; readonly create: boolean }) {
  return {
    publicEndpoint: address(parameters, 'public_endpoint'),
    region: parameters.get('region') || undefined,
    pathStyle: choice(parameters, 'path_style') ?? fallback.pathStyle,
    create: choice(parameters, 'create') ?? fallback.create,
  };
}

function parametersOf(query: string, known: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (!known.includes(name)) {
      const shown = /^[a-z_-]{1,40}$/i.test(name) ? ` ${JSON.stringify(name)}` : '';
      throw new Refused(`unknown parameter${shown}, expected ${known.join(', ')}`);
    }
    if (parameters.getAll(name).length > 1) throw new Refused(`the parameter ${name} is there twice`);
  }
  return parameters;
}

function address(parameters: URLSearchParams, name: string): string | undefined {
  const given = parameters.get(name);
  if (!given) return undefined;
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new Refused(`${name}: expected an address such as https://s3.example.com, without user and query`);
  return url.href.replace(/\/+$/, '');
}

function choice(parameters: URLSearchParams, name: string): boolean | undefined {
  const given = parameters.get(name);
  if (given === null) return undefined;
  if (given !== 'true' && given !== 'false') throw new Refused(`${name}: expected true or false`);
  return given === 'true';
}

function bucketName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(text)) return text;
  if (text === '') throw new Refused('it names no bucket: expected s3://BUCKET or https://KEY:SECRET@HOST/BUCKET');
  throw new Refused('the name of the bucket must be 3 or more letters, digits, dots and dashes, without a slash');
}

function prefixOf(text: string): string {
  const prefix = text.replace(/^\/+|\/+$/g, '');
  const isPlain = prefix.split('/').every((part) => /^[A-Za-z0-9._-]+$/.test(part) && !/^\.+$/.test(part));
  if (prefix !== '' && !isPlain)
    throw new Refused('the prefix must be letters, digits, dots and dashes, with single slashes');
  return prefix;
}
