import type { Command } from 'commander';
import { dockerCredentials } from '../../client/oci/docker-credentials.ts';
import { RegistryClient } from '../../client/oci/registry-client.ts';
import type { RegistryRepository } from '../../client/oci/registry-repository.ts';
import type { ClientConfig } from '../../config/client-config.ts';
import { processEnvironment } from '../../config/environment.ts';
import type { CliContext } from '../context.ts';
import { openSession, type Session } from '../session.ts';
import { interruptSignal } from './interrupt-signal.ts';
import type { OciArgument } from './oci-argument.ts';

export interface OciSession extends Pick<Session, 'io' | 'json' | 'print'> {
  readonly repository: RegistryRepository;
  /** The repository as the command line names it. */
  readonly text: string;
  /** Ends when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Opens a repository: on the session's server with its token, elsewhere with what `docker login` has stored. */
export async function openOci(context: CliContext, command: Command, where: OciArgument): Promise<OciSession> {
  const { server, io, json, print } = await openSession(context, command);
  const signal = interruptSignal();
  const client =
    where.registry === undefined
      ? ownRegistry(server, signal)
      : new RegistryClient(where.registry, { credentials: dockerCredentials(processEnvironment()), signal });
  return { repository: client.repository(where.name), text: where.text, signal, io, json, print };
}

/** The token goes where all other commands send it, also without TLS. */
function ownRegistry({ url, token }: ClientConfig, signal: AbortSignal): RegistryClient {
  const credentials = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  // The registry is at the root, whatever path the pages are under; user and password may stand before the host.
  return new RegistryClient(new URL('/', url).href, { credentials, allowInsecureLogin: true, signal });
}
