import type { z } from 'zod';
import { ANONYMOUS_MODES, LOG_FORMATS, LOG_LEVELS, SIGNING_ALGORITHMS } from './config.ts';
import { databaseUrl } from './database-url.ts';
import type { SettingKey } from './settings.ts';
import { storageUrl } from './storage-url.ts';
import {
  addressRanges,
  byteCount,
  duration,
  durationOrOff,
  listenAddress,
  longSecret,
  oneOf,
  publicUrl,
  text,
  trueOrFalse,
  wholeNumber,
} from './value-types.ts';

/** How each setting's value is read and checked. */
export const SCHEMAS = {
  listen: listenAddress(),
  data: text('the path of a folder'),
  database: databaseUrl(),
  storage: storageUrl(),
  anonymous: oneOf(ANONYMOUS_MODES),
  public_url: publicUrl(),
  trusted_proxies: addressRanges(),
  'log.level': oneOf(LOG_LEVELS),
  'log.format': oneOf(LOG_FORMATS),
  'limits.upload_bytes': byteCount(),
  'limits.form_fields': wholeNumber(10, 100_000),
  'limits.failed_logins_per_minute': wholeNumber(1, 1_000_000),
  workers: wholeNumber(1, 128),
  drain_seconds: wholeNumber(0, 3600),
  shutdown_seconds: wholeNumber(0, 3600),
  'gc.grace': duration(),
  'gc.every': durationOrOff(),
  'repositories.keep_empty': trueOrFalse(),
  'cache.documents_bytes': byteCount(),
  'cache.indexes_bytes': byteCount(),
  'indexes.keep': duration(),
  'signing.secret': longSecret(),
  'signing.algorithm': oneOf(SIGNING_ALGORITHMS),
  'redirects.networks': addressRanges(),
} as const satisfies Readonly<Record<SettingKey, z.ZodType>>;

export type SettingValue<Key extends SettingKey> = z.output<(typeof SCHEMAS)[Key]>;
