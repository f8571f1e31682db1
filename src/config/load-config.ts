import { dirname, join, resolve } from 'node:path';
import { invalid } from '../model/errors.ts';
import type { Config, DatabaseLocation, StorageLocation } from './config.ts';
import { readConfigFile } from './config-file.ts';
import { type Environment, processEnvironment, readVariable, refuseUnknownVariables } from './environment.ts';
import { SCHEMAS, type SettingValue } from './schemas.ts';
import { SETTING_KEYS, type SettingKey, settingOf, variableName } from './settings.ts';

/** What the command line gave. `config` is the path of the file, the rest are settings as typed. */
export type ConfigFlags = Partial<Readonly<Record<SettingKey | 'config', string>>>;

/** Who set a value: `--listen`, `PACKYARD_LISTEN`, `packyard.yaml:3`, `default`. */
export type Origins = Readonly<Record<SettingKey, string>>;

export interface LoadConfigOptions {
  readonly flags?: ConfigFlags;
  /** The process's environment if left out. */
  readonly env?: Environment;
  /** Where `packyard.yaml` is looked for and relative paths begin; the working folder if left out. */
  readonly cwd?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** The values as they were written, for `config show`; undefined: nobody set it and there is no fixed default. */
  readonly written: Readonly<Record<SettingKey, unknown>>;
}

interface Found {
  readonly raw: unknown;
  readonly origin: string;
  /** Where relative paths in the value begin. */
  readonly base: string;
}

/** Milliseconds; what has been replaced for longer is garbage. */
const LONGEST_KEEP = 7 * 86_400_000;

const DEFAULT_FILE = 'packyard.yaml';

/**
 * Brings flags, environment, file and defaults, in this order of precedence, into one frozen configuration.
 * @throws PackyardError `invalid_request` naming the flag, variable or file and key
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const { flags = {}, env = processEnvironment(), cwd = process.cwd() } = options;
  refuseUnknownVariables(env);
  const named = flags.config ?? readVariable(env, 'PACKYARD_CONFIG')?.value;
  const path = resolve(cwd, named ?? DEFAULT_FILE);
  const file = await readConfigFile({ path, name: named ?? DEFAULT_FILE }, named !== undefined);

  const find = (key: SettingKey): Found => {
    const { flag, otherVariable, secret, fallback } = settingOf(key);
    const flagValue = flags[key];
    if (flagValue !== undefined) return { raw: flagValue, origin: flag ?? 'command line', base: cwd };
    const variable =
      readVariable(env, variableName(key), secret !== undefined) ??
      (otherVariable === undefined ? undefined : readVariable(env, otherVariable, secret !== undefined));
    if (variable) return { raw: variable.value, origin: variable.variable, base: cwd };
    const inFile = file.get(key);
    if (inFile) return { raw: inFile.value, origin: `${named ?? DEFAULT_FILE}:${inFile.line}`, base: dirname(path) };
    return { raw: fallback, origin: 'default', base: cwd };
  };

  const found = mapSettings(find);
  const read = <Key extends SettingKey>(key: Key): SettingValue<Key> | undefined => readValue(key, found[key]);
  const config = assemble(read, (key) => found[key].base);
  return {
    config,
    origins: Object.freeze(mapSettings((key) => found[key].origin)),
    written: Object.freeze(mapSettings((key) => found[key].raw)),
  };
}

function readValue<Key extends SettingKey>(key: Key, found: Found): SettingValue<Key> | undefined {
  if (found.raw === undefined) return undefined;
  const result = SCHEMAS[key].safeParse(found.raw);
  if (result.success) return result.data as SettingValue<Key>;
  const problem = result.error.issues[0]?.message ?? 'not a usable value';
  const shown = settingOf(key).secret ? '' : `, found ${JSON.stringify(found.raw)}`;
  throw invalid(`${found.origin}: ${key}: ${problem}${shown}`, {
    hint: `${key}: ${settingOf(key).summary}`,
    details: { key, origin: found.origin },
  });
}

type Read = <Key extends SettingKey>(key: Key) => SettingValue<Key> | undefined;

function assemble(read: Read, base: (key: SettingKey) => string): Config {
  const data = resolve(base('data'), required(read('data')));
  const database = read('database');
  const storage = read('storage');
  return Object.freeze({
    listen: Object.freeze(required(read('listen'))),
    data,
    database: Object.freeze(
      database === undefined
        ? { kind: 'sqlite', path: join(data, 'packyard.sqlite') }
        : resolved(database, base('database')),
    ),
    storage: Object.freeze(storageOf(storage, base('storage'), join(data, 'blobs'))),
    anonymous: required(read('anonymous')),
    publicUrl: read('public_url'),
    trustedProxies: Object.freeze(required(read('trusted_proxies'))),
    log: Object.freeze({ level: required(read('log.level')), format: required(read('log.format')) }),
    limits: Object.freeze({
      uploadBytes: read('limits.upload_bytes'),
      formFields: required(read('limits.form_fields')),
      failedLoginsPerMinute: required(read('limits.failed_logins_per_minute')),
    }),
    workers: required(read('workers')),
    drainSeconds: required(read('drain_seconds')),
    shutdownSeconds: required(read('shutdown_seconds')),
    gc: Object.freeze({ grace: required(read('gc.grace')), every: required(read('gc.every')) }),
    repositories: Object.freeze({ keepEmpty: required(read('repositories.keep_empty')) }),
    cache: Object.freeze({
      documentsBytes: required(read('cache.documents_bytes')),
      indexesBytes: required(read('cache.indexes_bytes')),
    }),
    indexes: Object.freeze({ keep: Math.min(required(read('indexes.keep')), LONGEST_KEEP) }),
    signing: Object.freeze({ secret: read('signing.secret'), algorithm: required(read('signing.algorithm')) }),
    redirects: Object.freeze({ networks: Object.freeze(required(read('redirects.networks'))) }),
  } satisfies Config);
}

function resolved(location: DatabaseLocation, base: string): DatabaseLocation {
  if (location.kind !== 'sqlite' || location.path === ':memory:') return location;
  return { ...location, path: resolve(base, location.path) };
}

function storageOf(location: StorageLocation | undefined, base: string, fallback: string): StorageLocation {
  if (location === undefined) return { kind: 'file', path: fallback };
  return location.kind === 'file' ? { kind: 'file', path: resolve(base, location.path) } : location;
}

/** For settings that have a default: undefined would be a gap in `SETTINGS`. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a setting without a default was not given');
  return value;
}

function mapSettings<T>(value: (key: SettingKey) => T): Readonly<Record<SettingKey, T>> {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, value(key)])) as Record<SettingKey, T>;
}
