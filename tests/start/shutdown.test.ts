import { describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { requestHead } from '../support/raw-http.ts';
import { stagedFiles } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

describe.each(SIGNALS)('%s', (signal) => {
  test('lets an upload that is under way finish, then the server ends with 0', async () => {
    await using server = await TestServer.start();
    const chunk = new Uint8Array(100_000).fill(5);
    let signalled = false;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(chunk);
        if (!signalled) {
          await eventually('the upload has begun', () => stagedFiles(server).length === 1);
          server.signal(signal);
          signalled = true;
          await Bun.sleep(500);
        } else {
          controller.enqueue(chunk);
          controller.close();
        }
      },
    });
    const response = await putFile(server, 'slow/p/1/f', body);
    expect(response.status).toBe(201);
    await response.arrayBuffer();
    expect(await server.exited()).toBe(0);

    await server.restart();
    const stored = await fetch(`${server.url}/repo/generic/slow/p/1/f`);
    expect((await stored.bytes()).length).toBe(300_000);
  });

  test('lets a download that is under way finish, then the server ends with 0', async () => {
    await using server = await TestServer.start();
    const size = 40_000_000;
    await putFile(server, 'slow/p/1/f', new Uint8Array(size).fill(9));
    const received = await downloadSlowly(server, '/repo/generic/slow/p/1/f', () => server.signal(signal));
    expect(received).toBeGreaterThan(size);
    expect(await server.exited()).toBe(0);
  });

  test('ends an idle server at once with 0', async () => {
    await using server = await TestServer.start();
    // A client that keeps its connection open for later must not hold the server up.
    await (await fetch(`${server.url}/healthz`)).arrayBuffer();
    server.signal(signal);
    expect(await server.exited()).toBe(0);
  });
});

/** Reads a little, calls back, waits, then reads on to the end; returns how many bytes came, headers included. */
function downloadSlowly(server: TestServer, path: string, afterFirstBytes: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    let received = 0;
    const socket = connect(Number(port), hostname, () => socket.write(requestHead('GET', path)));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.on('data', (data) => {
      if (received === 0) {
        socket.pause();
        afterFirstBytes();
        setTimeout(() => socket.resume(), 500);
      }
      received += data.length;
    });
  });
}
