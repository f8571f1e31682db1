/** What proves to a registry who asks. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  /** A ready-made header: `Basic …` is shown to whoever the registry names as its token server, `Bearer …` to the registry itself. */
  | { readonly authorization: string }
  /** A long-lived token of `docker login`, exchanged for short ones. */
  | { readonly identityToken: string };

/** Looks for credentials by the registry's host (`ghcr.io`, `localhost:5000`); undefined asks as anonymous. */
export type CredentialSource = (
  host: string,
) => RegistryCredentials | undefined | Promise<RegistryCredentials | undefined>;

export function basicHeader(username: string, password: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`)))}`;
}

/** The header that is sent as it is, with whatever scheme; undefined where credentials have none. */
export function headerOf(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined || 'identityToken' in credentials) return undefined;
  return 'authorization' in credentials
    ? credentials.authorization
    : basicHeader(credentials.username, credentials.password);
}

/** The texts that must not be shown to anybody. */
export function secretsOf(credentials: RegistryCredentials | undefined): string[] {
  if (credentials === undefined) return [];
  if ('identityToken' in credentials) return [credentials.identityToken];
  const header = headerOf(credentials) ?? '';
  const secret = 'password' in credentials ? credentials.password : header;
  return [secret, header, header.replace(/^\S+\s+/, '')].filter((text) => text !== '');
}
