import { describe, expect, test } from 'bun:test';
import { eventually } from '../support/eventually.ts';
import { TestServer } from '../support/start-server.ts';

describe.each([1, 2])('a server of %d process(es) that drains', (workers) => {
  const options = { flags: ['--workers', String(workers)], env: { PACKYARD_DRAIN_SECONDS: '2' } };

  test('goes on answering while /readyz says 503, asks for connections to be closed, and ends with 0', async () => {
    await using server = await TestServer.start(options);
    server.signal('SIGTERM');
    await eventually('/readyz says so', async () => {
      const response = await fetch(`${server.url}/readyz`);
      const { ready } = (await response.json()) as { ready: boolean };
      if (ready) return false;
      expect([response.status, response.headers.has('retry-after')]).toEqual([503, true]);
      return true;
    });
    const response = await fetch(`${server.url}/api/v1/repositories`);
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    expect(await server.exited()).toBe(0);
  });

  test('loses no request of a client that goes away when /readyz tells it', async () => {
    await using server = await TestServer.start(options);
    let goOn = true;
    let answered = 0;
    const clients = Array.from({ length: 4 }, async () => {
      while (goOn) {
        const response = await fetch(`${server.url}/api/v1/repositories`);
        expect(response.status).toBe(200);
        await response.arrayBuffer();
        answered += 1;
      }
    });
    await eventually('requests are running', () => answered > 20);
    server.signal('SIGTERM');
    await eventually('/readyz says so', async () => (await fetch(`${server.url}/readyz`)).status === 503);
    goOn = false;
    await Promise.all(clients);
    expect(await server.exited()).toBe(0);
  });
});
