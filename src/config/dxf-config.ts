import { existsSync } from 'node:fs';
import { invalid } from '../model/errors.ts';
import { type Environment, processEnvironment } from './environment.ts';

/** What `dxf` takes from its environment: variables of the original, and of the HTTP library below it. */
export interface DxfConfig {
  /** With a port where it is not the usual one. */
  readonly host: string;
  /** Plain HTTP. */
  readonly insecure: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** A whole `Authorization` header. */
  readonly authorization: string | undefined;
  /** Where to ask for tokens instead of where the registry says. */
  readonly authHost: string | undefined;
  readonly token: string | undefined;
  /** `false` checks no certificates, a text is the path of a file with the certificates to trust. */
  readonly tlsverify: boolean | string;
  /** Undefined: where standard error is a terminal. */
  readonly progress: boolean | undefined;
  /** Digest and size before each blob. */
  readonly blobInfo: boolean;
  /** Bytes that are read and written at a time. */
  readonly chunkSize: number | undefined;
  /** `os/architecture[/variant]`. */
  readonly platform: string | undefined;
}

/** Bytes. A chunk is held in memory. */
const LARGEST_CHUNK = 1024 ** 3;

/**
 * Reads the `DXF_…` variables. An empty one counts as not set.
 * @throws PackyardError `invalid_request`
 */
export function loadDxfConfig(env: Environment = processEnvironment()): DxfConfig {
  const host = env.DXF_HOST;
  if (!host)
    throw invalid('DXF_HOST is not set', { hint: "set it to the registry's host, e.g. DXF_HOST=localhost:5000" });
  const insecure = env.DXF_INSECURE === '1';
  return {
    host,
    insecure,
    username: env.DXF_USERNAME || undefined,
    password: env.DXF_PASSWORD || undefined,
    authorization: env.DXF_AUTHORIZATION || undefined,
    authHost: env.DXF_AUTH_HOST || undefined,
    token: env.DXF_TOKEN || undefined,
    tlsverify: env.DXF_SKIPTLSVERIFY === '1' ? false : ((insecure ? undefined : certificatesIn(env)) ?? true),
    progress: env.DXF_PROGRESS === '1' ? true : env.DXF_PROGRESS === '0' ? false : undefined,
    blobInfo: env.DXF_BLOB_INFO === '1',
    chunkSize: chunkSizeOf(env.DXF_CHUNK_SIZE),
    platform: env.DXF_PLATFORM || undefined,
  };
}

/** The file with the certificates to trust; the last two are variables of the HTTP library of the original. */
function certificatesIn(env: Environment): string | undefined {
  for (const name of ['DXF_TLSVERIFY', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']) {
    const file = env[name];
    if (!file) continue;
    if (existsSync(file)) return file;
    throw invalid(`there is no file ${file}, which ${name} names`, { hint: 'check the path' });
  }
  return undefined;
}

function chunkSizeOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const size = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= LARGEST_CHUNK) return size;
  throw invalid('DXF_CHUNK_SIZE is not a number of bytes', { hint: `1 to ${LARGEST_CHUNK}, e.g. DXF_CHUNK_SIZE=8192` });
}
