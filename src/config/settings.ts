/** One setting of the server: where it can come from. Its name is its dotted key in `packyard.yaml`. */
export interface Setting {
  readonly summary: string;
  /** What is used when nobody sets it, as it would be written in the file; undefined: computed or none. */
  readonly fallback?: string | number;
  /** An environment variable beside the one made from the key, which goes before it. */
  readonly otherVariable?: string;
  /** The value can carry a password: `<VARIABLE>_FILE` is read too, and passwords in it are masked when shown; `whole`: it is one. */
  readonly secret?: boolean | 'whole';
  /** The flag of `packyard serve`, where there is one. */
  readonly flag?: `--${string}`;
  /** What the flag's value is called in the help. */
  readonly placeholder?: string;
}

/** The one list behind flags, environment, file, `config check` and `config show`. Types are in `schemas.ts`. */
export const SETTINGS = {
  listen: {
    flag: '--listen',
    placeholder: 'host:port',
    fallback: '127.0.0.1:8080',
    summary: 'address and port to answer on',
  },
  data: {
    flag: '--data',
    placeholder: 'folder',
    fallback: './packyard-data',
    summary: 'folder for everything that is kept',
  },
  database: {
    flag: '--database',
    placeholder: 'url',
    otherVariable: 'DATABASE_URL',
    secret: true,
    summary: 'where the metadata is, e.g. sqlite:PATH; usually in the data folder',
  },
  storage: {
    flag: '--storage',
    placeholder: 'url',
    otherVariable: 'S3_URL',
    secret: true,
    summary: 'where the bytes are, e.g. file:FOLDER or s3://BUCKET; usually in the data folder',
  },
  anonymous: {
    flag: '--anonymous',
    placeholder: 'mode',
    fallback: 'read',
    summary: 'what callers without a token may do: none, read or write',
  },
  public_url: { summary: "the server's address as clients see it, when it is behind a proxy" },
  trusted_proxies: { fallback: '', summary: 'addresses and ranges whose X-Forwarded headers are believed' },
  'log.level': {
    flag: '--log-level',
    placeholder: 'level',
    fallback: 'info',
    summary: 'trace, debug, info, warn, error or silent',
  },
  'log.format': {
    flag: '--log-format',
    placeholder: 'format',
    fallback: 'auto',
    summary: 'json, pretty, or auto: pretty on a terminal',
  },
  'limits.upload_bytes': { summary: 'largest file that may be uploaded, e.g. 5 GiB' },
  'limits.form_fields': { fallback: 2000, summary: 'fields that one upload form may have' },
  'limits.failed_logins_per_minute': {
    fallback: 10,
    summary: 'failed log-ins from one address before it has to wait',
  },
  workers: {
    flag: '--workers',
    placeholder: 'n',
    fallback: 1,
    summary: 'processes that share the port (above 1: Linux only)',
  },
  drain_seconds: { fallback: 0, summary: 'time to go on answering at the end while /readyz says 503' },
  shutdown_seconds: { fallback: 30, summary: 'time for running requests to finish at the end' },
  'gc.grace': { fallback: '7d', summary: 'how long what was deleted can be brought back, e.g. 12h or 30d' },
  'gc.every': { fallback: '24h', summary: 'how often the server collects garbage and applies retention rules; or off' },
  'repositories.keep_empty': {
    fallback: 'false',
    summary: 'whether a repository that an upload made stays in view when it is empty: true or false',
  },
  'cache.documents_bytes': { fallback: 32 * 2 ** 20, summary: 'memory for rendered index documents' },
  'cache.indexes_bytes': { fallback: 128 * 2 ** 20, summary: 'memory for the indices of apt repositories' },
  'indexes.keep': {
    fallback: '6h',
    summary: 'how long an index that was replaced can still be read by those who have begun to, up to 7d',
  },
  'signing.secret': {
    secret: 'whole',
    summary: 'encrypts the signing keys in the database; else a file signing-secret in the data folder does',
  },
  'signing.algorithm': {
    fallback: 'rsa4096',
    summary: 'kind of new signing keys: rsa4096, rsa3072, rsa2048 or ed25519',
  },
  'redirects.networks': {
    fallback: '',
    summary: 'addresses and ranges whose clients fetch files from the object store itself',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof SETTINGS;

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

export const SETTING_KEYS: readonly SettingKey[] = Object.keys(SETTINGS).filter(isSettingKey);

/** The settings with their optional parts visible to the type checker. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS[key];
}

/** `log.level` → `PACKYARD_LOG_LEVEL`. */
export function variableName(key: SettingKey): string {
  return `PACKYARD_${key.replaceAll('.', '_').toUpperCase()}`;
}
