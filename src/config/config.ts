/** Everything that can be set, checked and frozen. Made by `loadConfig`; nothing else reads files or the environment. */
export interface Config {
  readonly listen: ListenAddress;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly database: DatabaseLocation;
  readonly storage: StorageLocation;
  /** What a caller without credentials may do. */
  readonly anonymous: AnonymousMode;
  /** The server's address as clients see it, without a slash at the end; undefined: what the request says. */
  readonly publicUrl: string | undefined;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  readonly limits: {
    /** The largest file that may be uploaded, in bytes; undefined: as large as the disk. */
    readonly uploadBytes: number | undefined;
    /** How many fields one upload form may have. */
    readonly formFields: number;
    /** Failed log-ins that one address may have in a minute before it has to wait. */
    readonly failedLoginsPerMinute: number;
  };
  /** How long running requests may take to finish after SIGTERM. */
  readonly shutdownSeconds: number;
  readonly cache: {
    /** Memory for rendered index documents, in bytes. */
    readonly documentsBytes: number;
  };
}

export interface ListenAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export type DatabaseLocation =
  /** `path` is absolute, or `:memory:`. */
  | { readonly kind: 'sqlite'; readonly path: string }
  /** With user and password: not for logs. */
  | { readonly kind: 'postgres' | 'mysql'; readonly url: string };

export type StorageLocation = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'memory' };

export const ANONYMOUS_MODES = ['none', 'read', 'write'] as const;
export type AnonymousMode = (typeof ANONYMOUS_MODES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `auto`: pretty on a terminal, JSON lines elsewhere. */
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
