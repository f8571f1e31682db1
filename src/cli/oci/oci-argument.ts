import { checkRepositoryName } from '../../client/oci/names.ts';
import { UsageError } from '../usage-error.ts';

/** A repository of a registry, as the command line names it. */
export interface OciArgument {
  /** The registry's address; undefined for the server of the session. */
  readonly registry: string | undefined;
  readonly name: string;
  /** As it was written. */
  readonly text: string;
}

export const OCI_ARGUMENT = 'oci/NAME, or HOST/NAME at any registry';

/**
 * Reads `oci/team/app`, or with a host `ghcr.io/team/app`, `localhost:5000/app`, `http://registry.lan/app`.
 * @returns undefined where it can only be a repository of another format
 * @throws UsageError, RegistryError `invalid_request` when the name cannot be one
 */
export function readOciArgument(text: string): OciArgument | undefined {
  const [, registry, name = ''] = /^((?:https?:\/\/)?[^/]+)\/(.*)$/.exec(text) ?? [];
  const isOurs = registry === 'oci';
  // As Docker tells a host from the first part of a name.
  if (registry === undefined || !(isOurs || /[.:]/.test(registry) || registry === 'localhost')) return undefined;
  const [, bare, alias] = /^([^:@]+)[:@](.+)$/.exec(name) ?? [];
  if (bare !== undefined && alias !== undefined) {
    throw new UsageError(
      'a repository is written without an alias',
      `write ${text.slice(0, -alias.length - 1)} and, as an argument of its own, the alias ${alias}`,
    );
  }
  return { registry: isOurs ? undefined : registry, name: checkRepositoryName(name), text };
}

/** @throws UsageError for a repository of another format too */
export function parseOciArgument(text: string): OciArgument {
  const read = readOciArgument(text);
  if (read !== undefined) return read;
  throw new UsageError(
    `not a repository of a registry: ${JSON.stringify(text)}`,
    'write oci/NAME, e.g. oci/team/app, or HOST/NAME, e.g. ghcr.io/team/app',
  );
}
