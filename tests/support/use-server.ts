import { afterAll, beforeAll } from 'bun:test';
import { type StartOptions, TestServer } from './start-server.ts';

/** One server for all tests of a file, from before the first to after the last. */
export function useServer(options?: StartOptions): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await TestServer.start(options);
  });
  afterAll(async () => {
    await server?.stop();
  });
  return () => {
    if (!server) throw new Error('the server is not running');
    return server;
  };
}
