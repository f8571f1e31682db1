import type { Fetch } from '../send.ts';
import type { DXFBase } from './dxf-base.ts';

/**
 * Called when the registry answers 401. It should call `dxf.authenticate(username, password, { response })`; the request is
 * then sent once more.
 */
export type DXFAuth = (dxf: DXFBase, response: Response) => unknown;

export interface DXFOptions {
  /** Plain HTTP. Logging in is then refused (`DXFAuthInsecureError`) unless the host is this machine. */
  readonly insecure?: boolean;
  /** With `insecure`: send credentials over plain HTTP to other machines too. */
  readonly insecureAuth?: boolean;
  /** Ask for tokens here instead of at the host that the registry names. */
  readonly authHost?: string;
  /** `false` checks no certificates, a text is the path of a file with the certificates to trust. Bun only: on Node give `fetch`. */
  readonly tlsverify?: boolean | string;
  /** Seconds without any byte before a request is given up. */
  readonly timeout?: number;
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
  /** Waits between tries; replaced in tests. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface DXFAuthenticateOptions {
  /** `pull`, `push`, `*`: where it is known which operations are to come. */
  readonly actions?: readonly string[];
  /** What the `auth` function was given: tells which actions are needed. */
  readonly response?: Response;
  /** A ready-made `Authorization` header, in place of user name and password. */
  readonly authorization?: string;
  readonly userAgent?: string;
}

export interface DXFListOptions {
  /** How many names to ask for at a time. */
  readonly batchSize?: number;
}

/**
 * Called once with no bytes before the first, then with every piece.
 * @param size bytes in all; undefined where nobody knows
 */
export type DXFProgress = (digest: string, chunk: Uint8Array, size?: number) => void;

/** What can be pushed beside files. */
export type DXFData = Uint8Array<ArrayBuffer> | Blob | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface DXFPushOptions {
  readonly progress?: DXFProgress;
  /** Ask first whether the blob is there already. Default true. */
  readonly checkExists?: boolean;
  /** Bytes for each request; left out, the blob goes in one. */
  readonly chunkSize?: number;
  /** Bytes that are read from a file at a time. */
  readonly readSize?: number;
}

export interface DXFPullOptions {
  /** Bytes in each piece; left out, as they come. */
  readonly chunkSize?: number;
}

export interface DXFReadOptions {
  /** For multi-arch aliases: `os/architecture[/variant]`. */
  readonly platform?: string;
  /** A manifest that was got before, in place of an alias. */
  readonly manifest?: string;
}

/** By `os/architecture[/variant]`. */
export type DXFPerPlatform<T> = Readonly<Record<string, T>>;
export type DXFSized = readonly [digest: string, size: number];
