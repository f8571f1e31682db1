const SECRET_KEYS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'token',
  'secret',
  'password',
]);

const HIDDEN = '[hidden]';

/** Keys are few and come again with every line, so what was decided about one is remembered. */
const decided = new Map<string, boolean>();

function isSecretKey(key: string): boolean {
  let secret = decided.get(key);
  if (secret === undefined) {
    secret = SECRET_KEYS.has(key.toLowerCase());
    if (decided.size < 1000) decided.set(key, secret);
  }
  return secret;
}

/** Replaces the values of secret-looking keys, at the top and one level below. Returns the same object if there are none. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  let clean: Record<string, unknown> | undefined;
  for (const key in fields) {
    const value = fields[key];
    const replaced = isSecretKey(key) ? HIDDEN : redactNested(value);
    if (replaced === value) continue;
    clean ??= { ...fields };
    clean[key] = replaced;
  }
  return clean ?? fields;
}

function redactNested(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  if (!entries.some(([key]) => isSecretKey(key))) return value;
  return Object.fromEntries(entries.map(([key, inner]) => [key, isSecretKey(key) ? HIDDEN : inner]));
}

/** Hides Packyard tokens wherever they stand in a text: in an address (`/t/<token>/`), in an error's message. */
export function redactTokens(text: string): string {
  return text.includes('pky_') ? text.replace(/pky_[A-Za-z0-9_-]+/g, 'pky_[hidden]') : text;
}
