import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../model/duration.ts';
import type { ListenAddress } from './config.ts';

/**
 * The types of settings. Each reads what people write in a flag or a variable (always text) as well as what YAML makes
 * of it (numbers, lists), and fails with one `custom` issue that says what is expected.
 */
function parsed<T>(parse: (raw: unknown) => T | undefined, expected: string) {
  return z.unknown().transform((raw, context): T => {
    const value = parse(raw);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return parsed(
    (raw): T[number] | undefined => values.find((value) => value === raw),
    `one of ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
  );
}

export function text(expected: string) {
  return parsed((raw) => (typeof raw === 'string' && raw.trim() !== '' ? raw.trim() : undefined), expected);
}

/** Something that nobody can guess: as `openssl rand -hex 32` writes it. */
export function longSecret() {
  return parsed(
    (raw) => (typeof raw === 'string' && raw.trim().length >= 32 ? raw.trim() : undefined),
    'at least 32 characters that nobody can guess, e.g. from openssl rand -hex 32',
  );
}

export function wholeNumber(least: number, most: number) {
  return parsed((raw) => {
    const value = typeof raw === 'string' && /^[0-9]+$/.test(raw.trim()) ? Number(raw) : raw;
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
  }, `a whole number from ${least} to ${most}`);
}

export function trueOrFalse() {
  return parsed((raw) => ({ true: true, false: false })[String(raw).trim()], 'true or false');
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  kib: 2 ** 10,
  m: 2 ** 20,
  mib: 2 ** 20,
  g: 2 ** 30,
  gib: 2 ** 30,
  t: 2 ** 40,
  tib: 2 ** 40,
};

/** A number of bytes: `1048576`, `32 MiB`, `5GB`. */
export function byteCount() {
  return parsed((raw) => {
    const match = /^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$/i.exec(String(raw).trim());
    const unit = BYTE_UNITS[(match?.[2] ?? '').toLowerCase()];
    if (!match || unit === undefined) return undefined;
    const bytes = Math.round(Number(match[1]) * unit);
    return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
  }, 'a number of bytes above 0, e.g. 500 MiB or 5 GB');
}

/** A length of time in milliseconds: `90s`, `12h`, `7d`, `0`. */
export function duration() {
  return parsed((raw) => parseDuration(String(raw).trim()), 'a length of time such as 12h, 7d or 0 (s, m, h, d, w, y)');
}

/** A length of time above 0, or `off`; YAML 1.1 makes `false` of that. */
export function durationOrOff() {
  return parsed((raw): number | 'off' | undefined => {
    if (raw === 'off' || raw === false) return 'off';
    return parseDuration(String(raw).trim()) || undefined;
  }, 'a length of time above 0 such as 12h or 7d (s, m, h, d, w, y), or off');
}

/** `HOST:PORT`, `[::1]:PORT`, or `:PORT` for every address of the machine. */
export function listenAddress() {
  return parsed((raw): ListenAddress | undefined => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]*)):([0-9]{1,5})$/i.exec(String(raw).trim());
    const port = Number(match?.[3]);
    if (!match || port > 65_535) return undefined;
    return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
  }, 'HOST:PORT, e.g. 127.0.0.1:8080, or :8080 for every address of this machine');
}

/** An http(s) address without credentials, query and fragment; a slash at its end is dropped. */
export function publicUrl() {
  return parsed((raw) => {
    const url = typeof raw === 'string' ? URL.parse(raw.trim()) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
      return undefined;
    return url.href.replace(/\/+$/, '');
  }, 'an address such as https://packages.example.com, without user, query and fragment');
}

/** A list of IP addresses and CIDR ranges; in a variable separated by commas. */
export function addressRanges() {
  return parsed((raw): readonly string[] | undefined => {
    const entries = (typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [undefined])
      .map((entry: unknown) => (typeof entry === 'string' ? entry.trim() : undefined))
      .filter((entry) => entry !== '');
    return entries.every(isAddressRange) ? entries : undefined;
  }, 'IP addresses or ranges, e.g. 10.0.0.0/8, 192.168.1.7');
}

function isAddressRange(entry: string | undefined): entry is string {
  const [address = '', prefix, ...rest] = entry?.split('/') ?? [];
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^[0-9]{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family);
    return true;
  } catch {
    return false;
  }
}

/** `scheme:relative`, `scheme:/absolute` and `scheme:///absolute`. A host, as in `scheme://host/…`, is refused. */
export function pathOf(url: string, scheme: string): string | undefined {
  const rest = url.trim().startsWith(`${scheme}:`) ? url.trim().slice(scheme.length + 1) : '';
  if (rest.startsWith('//')) return /^\/\/\/[^/]/.test(rest) ? rest.slice(2) : undefined;
  return rest === '' ? undefined : rest;
}

/** The scheme alone: the rest of a database's address may hold a password and must not get into a message. */
export function schemeOf(raw: unknown): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(String(raw).trim())?.[1]?.toLowerCase();
}
