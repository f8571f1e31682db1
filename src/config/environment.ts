import { readFileSync } from 'node:fs';
import { invalid } from '../model/errors.ts';
import { nearestName } from './nearest-name.ts';
import { SETTING_KEYS, settingOf, variableName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the command line, beside those of the server's settings. */
const COMMAND_VARIABLES = ['PACKYARD_CONFIG', 'PACKYARD_URL', 'PACKYARD_TOKEN', 'PACKYARD_TOKEN_FILE'];

const KNOWN_VARIABLES: readonly string[] = [
  ...SETTING_KEYS.flatMap((key) => [
    variableName(key),
    ...(settingOf(key).secret ? [`${variableName(key)}_FILE`] : []),
  ]),
  ...COMMAND_VARIABLES,
];

/** The process's own environment: the one place of this program that looks at it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Refuses variables that begin with `PACKYARD_` and mean nothing: a mistyped name would otherwise be ignored in silence.
 * @throws PackyardError `invalid_request`
 */
export function refuseUnknownVariables(environment: Environment): void {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('PACKYARD_') || KNOWN_VARIABLES.includes(name)) continue;
    const nearest = nearestName(name, KNOWN_VARIABLES);
    throw invalid(`unknown environment variable ${name}`, {
      hint: nearest ?? `unset ${name}; \`packyard config show\` lists the settings`,
    });
  }
}

export interface VariableValue {
  readonly value: string;
  /** The variable that gave it. */
  readonly variable: string;
}

/**
 * Reads a variable, or with `secret` the file that `<name>_FILE` names. An empty variable counts as not set.
 * @throws PackyardError `invalid_request` when both are set or the file cannot be read
 */
export function readVariable(environment: Environment, name: string, secret = false): VariableValue | undefined {
  const value = environment[name] || undefined;
  const file = secret ? environment[`${name}_FILE`] || undefined : undefined;
  if (value !== undefined && file !== undefined) {
    throw invalid(`both ${name} and ${name}_FILE are set`, { hint: 'unset one of them' });
  }
  if (file === undefined) return value === undefined ? undefined : { value, variable: name };
  try {
    return { value: readFileSync(file, 'utf8').trim(), variable: `${name}_FILE` };
  } catch (cause) {
    throw invalid(`cannot read the file that ${name}_FILE names: ${file}`, {
      hint: 'check the path and its permissions',
      cause,
    });
  }
}
