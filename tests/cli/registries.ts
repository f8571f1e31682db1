import { afterAll, beforeAll, describe } from 'bun:test';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { inCheckout } from '../support/paths.ts';
import { type RunOptions, type RunResult, run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** A registry that the commands work on, and a folder that they run in. */
export interface Place {
  readonly folder: TempFolder;
  /** Where its protocol is. */
  readonly url: string;
  /** How the command line names a repository of it: `oci/team/app`, `localhost:5000/team/app`. */
  repo(name: string): string;
  packyard(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** With `--json`, insisting on success. */
  json(args: readonly string[]): Promise<unknown>;
  /** Requests of the test itself below `/v2/`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

interface Running {
  readonly url: string;
  readonly prefix: string;
  readonly env: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly stop: () => Promise<unknown>;
}

/** Registers the same tests on a Packyard server and on another registry. */
export function describeOnRegistries(title: string, body: (place: () => Place) => void): void {
  register(`${title} on Packyard`, startPackyard, body);
  if (hasDockerRegistry()) register(`${title} on another registry`, startOther, body);
  else skipVisibly(`${title} on another registry`, DOCKER_REGISTRY_SKIP_REASON);
}

function register(title: string, start: () => Promise<Running>, body: (place: () => Place) => void): void {
  describe(title, () => {
    const folder = new TempFolder('registries');
    let running: Running | undefined;
    let place: Place | undefined;
    beforeAll(async () => {
      running = await start();
      place = placeOf(running, folder);
    });
    afterAll(async () => {
      await running?.stop();
      folder.dispose();
    });
    body(() => {
      if (!place) throw new Error('the registry is not running');
      return place;
    });
  });
}

async function startPackyard(): Promise<Running> {
  const server = await TestServer.start();
  const { url, adminToken } = server;
  const env = { PACKYARD_URL: url, PACKYARD_TOKEN: adminToken };
  return { url, prefix: 'oci', env, headers: { authorization: `Bearer ${adminToken}` }, stop: () => server.stop() };
}

async function startOther(): Promise<Running> {
  const registry = await DockerRegistry.start();
  return { url: registry.url, prefix: registry.host, env: {}, headers: {}, stop: () => registry.stop() };
}

function placeOf({ url, prefix, env, headers }: Running, folder: TempFolder): Place {
  const packyard = (args: readonly string[], options: RunOptions = {}) =>
    run(['node', inCheckout('bin/packyard'), ...args], {
      cwd: folder.path,
      ...options,
      env: { ...env, ...options.env },
    });
  return {
    folder,
    url,
    repo: (name) => `${prefix}/${name}`,
    packyard,
    async json(args) {
      const { code, stdout, stderr } = await packyard([...args, '--json']);
      if (code !== 0) throw new Error(`packyard ${args.join(' ')} ended with ${code}\n${stderr}`);
      return JSON.parse(stdout);
    },
    fetch: (path, init = {}) =>
      fetch(`${url}/v2/${path}`, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } }),
  };
}
