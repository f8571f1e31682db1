import type { Config } from './config.ts';
import type { LoadedConfig } from './load-config.ts';
import { SETTING_KEYS, type SettingKey, settingOf } from './settings.ts';

export interface ConfigRow {
  readonly key: SettingKey;
  /** As it is used, with secrets masked; empty when there is none. */
  readonly value: string;
  /** `--listen`, `PACKYARD_LISTEN`, `packyard.yaml:3` or `default`. */
  readonly origin: string;
}

/** Every setting with its value in use and where that came from: what `packyard config show` prints. */
export function describeConfig(loaded: LoadedConfig): readonly ConfigRow[] {
  return SETTING_KEYS.map((key) => {
    const value = inUse(key, loaded);
    return { key, value: masked(value, settingOf(key).secret), origin: loaded.origins[key] };
  });
}

function masked(value: string, secret: boolean | 'whole' | undefined): string {
  if (secret === 'whole') return value === '' ? '' : '***';
  return secret ? maskSecrets(value) : value;
}

/** Paths are shown as they were resolved; the rest as written. */
function inUse(key: SettingKey, { config, written }: LoadedConfig): string {
  if (key === 'data') return config.data;
  if (key === 'database') return databaseText(config.database);
  if (key === 'storage') return storageText(config.storage);
  const raw = written[key];
  return Array.isArray(raw) ? raw.join(', ') : String(raw ?? '');
}

function databaseText(database: Config['database']): string {
  return database.kind === 'sqlite' ? `sqlite:${database.path}` : database.url;
}

function storageText(storage: Config['storage']): string {
  if (storage.kind !== 's3') return storage.kind === 'memory' ? 'memory:' : `file:${storage.path}`;
  const { bucket, prefix, endpoint, region, credentials } = storage;
  const parameters = Object.entries({
    endpoint,
    region,
    path_style: storage.pathStyle === (endpoint !== undefined) ? undefined : storage.pathStyle,
    public_endpoint: storage.publicEndpoint,
    create: storage.create || undefined,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  return `s3://${bucket}${prefix && `/${prefix}`}${query}${credentials ? ` (access key ${credentials.accessKeyId})` : ''}`;
}

/** Replaces the password in `scheme://user:password@host/…`, whatever characters it has, and secret-looking parameters. */
export function maskSecrets(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@]*):.*@/is, '$1:***@')
    .replace(/([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*/gi, '$1***');
}
