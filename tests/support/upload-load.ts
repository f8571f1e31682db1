import { bearer } from './api.ts';
import { fetchFresh } from './fresh-connection.ts';
import type { TestServer } from './start-server.ts';

/** Clients that publish files one after another, as fast as they can, over new connections, until they are told to stop. */
export class UploadLoad {
  /** What the server has said it has, by path. */
  readonly acknowledged = new Map<string, string>();
  /** Every answer that was not a success, with its headers. */
  readonly otherAnswers: Response[] = [];
  /** Connections that broke or were refused. */
  broken = 0;
  #stopped = false;
  readonly #clients: Promise<unknown>;

  constructor(server: TestServer, repository: string, clients = 4) {
    const { url, adminToken } = server;
    this.#clients = Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        for (let number = 0; !this.#stopped; number += 1) {
          const path = `/repo/generic/${repository}/client-${client}/${number}/file`;
          const content = `${path}\n`.repeat(100);
          const sent = fetchFresh(`${url}${path}`, { method: 'PUT', headers: bearer(adminToken), body: content });
          const response = await sent.catch(() => undefined);
          if (!response) {
            this.broken += 1;
            await Bun.sleep(5);
            continue;
          }
          if (response.status === 201) this.acknowledged.set(path, content);
          else this.otherAnswers.push(response);
          await response.arrayBuffer().catch(() => {});
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#clients;
  }

  /** The acknowledged files that the server does not have as they were sent. */
  async lost(server: TestServer): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const [path, content] of this.acknowledged) {
      const response = await fetch(`${server.url}${path}`);
      if ((await response.text()) !== content) lost.push(path);
    }
    return lost;
  }
}
