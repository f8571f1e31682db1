import { invalid } from '../../model/errors.ts';
import type { JsonObject } from '../../registry/model.ts';
import { isArchitecture, isComponent } from './version.ts';

/** What somebody chose for a distribution; what is left out has a default. */
export interface DistributionSettings {
  readonly origin?: string;
  readonly label?: string;
  readonly suite?: string;
  readonly codename?: string;
  readonly version?: string;
  readonly description?: string;
  /** Days after which clients refuse what has not been signed again. */
  readonly validDays?: number;
  readonly notAutomatic?: boolean;
  readonly butAutomaticUpgrades?: boolean;
  readonly acquireByHash?: boolean;
  /** Whether there are Contents indices. */
  readonly contents?: boolean;
  /** Listed also when they are empty. */
  readonly components?: readonly string[];
  readonly architectures?: readonly string[];
}

const TEXTS = ['origin', 'label', 'suite', 'codename', 'version', 'description'] as const;
const FLAGS = ['notAutomatic', 'butAutomaticUpgrades', 'acquireByHash', 'contents'] as const;
const KNOWN: readonly string[] = [...TEXTS, ...FLAGS, 'validDays', 'components', 'architectures'];

/**
 * Checks settings that somebody sends, and brings them together with those that were there: `null` forgets one.
 * @throws PackyardError `invalid_request` naming the setting
 */
export function changeSettings(before: JsonObject, change: JsonObject): JsonObject {
  const next: Record<string, JsonObject[string]> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (!KNOWN.includes(name)) throw invalid(`there is no setting ${name}`, { hint: `use ${KNOWN.join(', ')}` });
    if (value === undefined) continue;
    if (value === null) delete next[name];
    else next[name] = checked(name, value);
  }
  if (next.butAutomaticUpgrades === true && next.notAutomatic !== true)
    throw invalid('butAutomaticUpgrades means something only together with notAutomatic', {
      hint: 'set notAutomatic to true as well',
    });
  return next;
}

function checked(name: string, value: NonNullable<JsonObject[string]>): JsonObject[string] {
  if ((TEXTS as readonly string[]).includes(name)) return line(name, value);
  if ((FLAGS as readonly string[]).includes(name)) {
    if (typeof value === 'boolean') return value;
    throw invalid(`${name} is true or false`);
  }
  if (name === 'validDays') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 36_500) return value;
    throw invalid('validDays is a whole number of days, 1 or more');
  }
  const isPart = name === 'components' ? isComponent : isArchitecture;
  const list = Array.isArray(value) ? value : [];
  const parts = list.filter((part): part is string => typeof part === 'string' && isPart(part));
  if (
    !Array.isArray(value) ||
    parts.length !== value.length ||
    new Set(parts).size !== parts.length ||
    parts.length > 64
  )
    throw invalid(`${name} is a list of names, e.g. ${name === 'components' ? 'main, contrib' : 'amd64, arm64'}`);
  return parts;
}

function line(name: string, value: unknown): string {
  if (typeof value === 'string' && /^[^\s\p{C}]([^\p{C}]{0,198}[^\s\p{C}])?$/u.test(value)) return value;
  throw invalid(`${name} is one line of text, up to 200 characters, without blanks around it`);
}
