import type { CredentialSource } from './credentials.ts';

/**
 * What `docker login` has stored: in `config.json`, or with the credential helpers that it names. Node and Bun only.
 * @param environment `process.env`: for `DOCKER_CONFIG`, the home folder, and the `PATH` of the helpers
 */
export function dockerCredentials(environment: Readonly<Record<string, string | undefined>>): CredentialSource {
  return async (host) => (await import('../node/docker-config.ts')).findDockerCredentials(host, environment);
}
