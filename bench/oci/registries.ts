import { join } from 'node:path';
import { DockerRegistry } from '../servers/docker-registry.ts';
import { PackyardServer } from '../servers/packyard.ts';

/** Packyard and docker-registry, both open to everybody for reading and writing. */
export class Registries implements AsyncDisposable {
  readonly packyard: PackyardServer;
  readonly docker: DockerRegistry;

  private constructor(packyard: PackyardServer, docker: DockerRegistry) {
    this.packyard = packyard;
    this.docker = docker;
  }

  static async start(folder: string): Promise<Registries> {
    const packyard = await startPackyard(join(folder, 'packyard'));
    return new Registries(packyard, await DockerRegistry.start(join(folder, 'docker-registry')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.packyard[Symbol.asyncDispose]();
    await this.docker[Symbol.asyncDispose]();
  }
}

/** docker-registry is measured without a login, so everybody may write here too. */
export function startPackyard(data: string, flags: readonly string[] = []): Promise<PackyardServer> {
  return PackyardServer.start(data, { flags: ['--anonymous', 'write', ...flags] });
}
