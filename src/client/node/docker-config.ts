import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RegistryCredentials } from '../oci/credentials.ts';
import { field } from '../oci/field.ts';
import { isDockerHub } from '../oci/names.ts';
import { RegistryError } from '../oci/registry-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The name that Docker Hub has in these files. */
const DOCKER_HUB = 'https://index.docker.io/v1/';
/** The user name that says that the secret is an identity token. */
const TOKEN_USER = '<token>';

/**
 * Looks as `docker` does: a helper for this host, the helper for all hosts, what the file itself has.
 * @throws RegistryError `no_credentials` when the file or a helper cannot be used
 */
export async function findDockerCredentials(
  host: string,
  environment: Environment,
): Promise<RegistryCredentials | undefined> {
  const config = await readConfig(environment);
  const names = isDockerHub(host.split(':')[0] ?? host) ? [DOCKER_HUB, host] : [host];
  for (const name of names) {
    const helper = field(field(config, 'credHelpers'), name);
    const found = typeof helper === 'string' ? await askHelper(helper, name, environment) : undefined;
    if (found !== undefined) return found;
  }
  const store = field(config, 'credsStore');
  for (const name of names) {
    const found = typeof store === 'string' && store !== '' ? await askHelper(store, name, environment) : undefined;
    if (found !== undefined) return found;
  }
  return readEntry(findEntry(field(config, 'auths'), names));
}

async function readConfig(environment: Environment): Promise<unknown> {
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const file = join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(`cannot read ${file}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the file.
    throw unusable(`${file} is not JSON`);
  }
}

/** Entries are hosts, or whole addresses from older times. */
function findEntry(auths: unknown, names: readonly string[]): unknown {
  if (typeof auths !== 'object' || auths === null) return undefined;
  const entries = Object.entries(auths);
  const exact = entries.find(([name]) => names.includes(name));
  return (exact ?? entries.find(([name]) => names.some((wanted) => hostIn(name) === hostIn(wanted))))?.[1];
}

function hostIn(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function readEntry(entry: unknown): RegistryCredentials | undefined {
  const identityToken = field(entry, 'identitytoken');
  if (typeof identityToken === 'string' && identityToken !== '') return { identityToken };
  const registryToken = field(entry, 'registrytoken');
  if (typeof registryToken === 'string' && registryToken !== '') return { authorization: `Bearer ${registryToken}` };
  const auth = field(entry, 'auth');
  const pair = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '') : '';
  const [username, password] = auth ? splitPair(pair) : [field(entry, 'username'), field(entry, 'password')];
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}

function splitPair(pair: string): readonly [string?, string?] {
  const colon = pair.indexOf(':');
  return colon < 0 ? [] : [pair.slice(0, colon), pair.slice(colon + 1)];
}

/** Runs `docker-credential-<helper> get` with the registry's name on its input. */
async function askHelper(
  helper: string,
  name: string,
  environment: Environment,
): Promise<RegistryCredentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper)) throw unusable('config.json names an odd credential helper');
  const program = `docker-credential-${helper}`;
  const { code, output } = await runWithInput(program, ['get'], name, environment);
  // All helpers say it in these words, on standard output.
  if (code !== 0 && /credentials not found/i.test(output)) return undefined;
  if (code !== 0) throw unusable(`${program} ended with exit code ${code}`);
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw unusable(`${program} gave no JSON`);
  }
  const [username, secret] = [field(answer, 'Username'), field(answer, 'Secret')];
  if (typeof username !== 'string' || typeof secret !== 'string') throw unusable(`${program} gave no credentials`);
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

function runWithInput(
  program: string,
  args: readonly string[],
  input: string,
  environment: Environment,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...environment }, stdio: ['pipe', 'pipe', 'ignore'] });
    const parts: Buffer[] = [];
    child.on('error', () => reject(unusable(`cannot run ${program}`)));
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(parts).toString('utf8') }));
    // A helper may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function unusable(message: string): RegistryError {
  return new RegistryError('no_credentials', message, { hint: 'see `docker login`, or give the credentials yourself' });
}
