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
  /** How many processes share the port. */
  readonly workers: number;
  /** How long the server goes on answering after SIGTERM while `/readyz` says that it is ending, so that load balancers notice. */
  readonly drainSeconds: number;
  /** How long running requests may take to finish after that. */
  readonly shutdownSeconds: number;
  readonly gc: {
    /** Milliseconds for which what was deleted can be brought back. */
    readonly grace: number;
    /** Milliseconds between two collections of garbage by the running server; `off`: it does not. */
    readonly every: number | 'off';
  };
  readonly repositories: {
    /** Whether a repository that an upload made stays in view when it is empty. */
    readonly keepEmpty: boolean;
  };
  readonly cache: {
    /** Memory for rendered index documents, in bytes. */
    readonly documentsBytes: number;
    /** Memory for indices that come in generations, in bytes. */
    readonly indexesBytes: number;
  };
  readonly indexes: {
    /** Milliseconds for which a replaced index can still be read. */
    readonly keep: number;
  };
  readonly signing: {
    /** Encrypts the signing keys; undefined: a file in the data folder has it. Not for logs. */
    readonly secret: string | undefined;
    readonly algorithm: SigningAlgorithm;
  };
  readonly redirects: {
    /** Addresses and CIDR ranges whose clients are sent to the object store for files. */
    readonly networks: readonly string[];
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

export type StorageLocation =
  /** `path` is absolute. */
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'memory' } | S3Location;

export interface S3Location {
  readonly kind: 's3';
  readonly bucket: string;
  /** What every key begins with, without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** The store's address; undefined: AWS. */
  readonly endpoint: string | undefined;
  /** The store's address for clients that fetch from it themselves; undefined: the same. */
  readonly publicEndpoint: string | undefined;
  /** Undefined: what the environment says, or the first of all regions. */
  readonly region: string | undefined;
  /** The bucket stands in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** Make the bucket if it is not there. */
  readonly create: boolean;
  /** Not for logs. Undefined: they come from where the tools of AWS find theirs. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What new signing keys are. */
export const SIGNING_ALGORITHMS = ['rsa4096', 'rsa3072', 'rsa2048', 'ed25519'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

export const ANONYMOUS_MODES = ['none', 'read', 'write'] as const;
export type AnonymousMode = (typeof ANONYMOUS_MODES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `auto`: pretty on a terminal, JSON lines elsewhere. */
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
