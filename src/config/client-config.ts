import { invalid } from '../model/errors.ts';
import { type Environment, processEnvironment, readVariable, refuseUnknownVariables } from './environment.ts';

/** What the command line needs to reach a server. */
export interface ClientConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/**
 * Address and token of the server that commands talk to: flag → `PACKYARD_URL` → this machine; `PACKYARD_TOKEN` or
 * `PACKYARD_TOKEN_FILE`, unless a token was read from elsewhere.
 * @throws PackyardError `invalid_request`
 */
export function loadClientConfig(
  flags: { readonly url?: string; readonly token?: string },
  env: Environment = processEnvironment(),
): ClientConfig {
  refuseUnknownVariables(env);
  const url = flags.url ?? readVariable(env, 'PACKYARD_URL')?.value ?? DEFAULT_URL;
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    const origin = flags.url === undefined ? 'PACKYARD_URL' : 'the --url option';
    throw invalid(`${origin} is not an http or https address`, { hint: `write it like ${DEFAULT_URL}` });
  }
  return {
    url: url.replace(/\/+$/, ''),
    token: flags.token ?? readVariable(env, 'PACKYARD_TOKEN', true)?.value,
  };
}
