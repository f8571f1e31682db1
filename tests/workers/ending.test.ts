import { expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fetchFresh } from '../support/fresh-connection.ts';
import { stagedFiles } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { UploadLoad } from '../support/upload-load.ts';
import { parentOfWorkers, running, workerProcesses } from '../support/worker-processes.ts';

const WORKERS = { flags: ['--workers', '2'] };

/** Whatever the load was answered beside success: only an invitation to come back. */
function expectOnlyRetries(load: UploadLoad): void {
  for (const { status, headers } of load.otherAnswers) {
    expect({ status, retry: headers.has('retry-after') }).toEqual({ status: 503, retry: true });
  }
}

test('when a worker is killed under load, requests go on, it comes back, and no acknowledged upload is lost', async () => {
  await using server = await TestServer.start(WORKERS);
  const load = new UploadLoad(server, 'load');
  await eventually('uploads are running', () => load.acknowledged.size > 20);
  const before = workerProcesses(server);
  process.kill(before.get(1) ?? 0, 'SIGKILL');
  const atDeath = load.acknowledged.size;
  await eventually('uploads go on', () => load.acknowledged.size > atDeath + 20);
  await eventually('it is back', () => {
    const pid = workerProcesses(server).get(1);
    return pid !== undefined && pid !== before.get(1);
  });
  const { length } = server.stderr;
  await eventually('it answers', () => /"worker":1,"requestId"/.test(server.stderr.slice(length)));
  await load.stop();
  expect(server.stderr).toContain('"msg":"worker ended; it is started again"');
  expectOnlyRetries(load);
  expect(await load.lost(server)).toEqual([]);
});

test('what a worker counted before it was killed goes on counting', async () => {
  await using server = await TestServer.start(WORKERS);
  const COUNT = /^packyard_http_requests_total\{format="server",route="api".*\} (\d+)$/m;
  const counted = async () => Number(COUNT.exec(await (await fetchFresh(`${server.url}/metrics`)).text())?.[1]);
  for (let request = 0; request < 20; request += 1) await fetchFresh(`${server.url}/api/v1/repositories`);
  expect(await counted()).toBe(20);
  for (const [number, pid] of workerProcesses(server)) {
    process.kill(pid, 'SIGKILL');
    await eventually(
      'it is back',
      () => workerProcesses(server).get(number) !== pid && workerProcesses(server).size === 2,
    );
  }
  await eventually('both answer', async () => {
    const answer = await fetchFresh(`${server.url}/metrics`).catch(() => undefined);
    const text = (await answer?.text()) ?? '';
    return text.includes('packyard_workers{state="answering"} 2\n') && text.includes('restarts_total 2\n');
  });
  expect(await counted()).toBe(20);
});

test('a worker that hangs is counted as silent, and what it last said counts', async () => {
  await using server = await TestServer.start(WORKERS);
  const pids = [...workerProcesses(server).values()];
  const COUNT = /^packyard_http_requests_total\{format="server",route="api".*\} 12$/m;
  for (let request = 0; request < 12; request += 1) await fetchFresh(`${server.url}/api/v1/repositories`);
  expect(await (await fetchFresh(`${server.url}/metrics`)).text()).toMatch(COUNT);
  // The one that answers over this connection goes on; whichever the other is, it stands still.
  const other = pids[0] ?? 0;
  process.kill(other, 'SIGSTOP');
  try {
    const answers = Array.from({ length: 12 }, () =>
      fetchFresh(`${server.url}/metrics`).then((answer) => answer.text()),
    );
    const text = await Promise.any(answers);
    for (const answer of answers) answer.catch(() => {});
    expect(text).toContain('packyard_workers{state="answering"} 1\n');
    expect(text).toContain('packyard_workers{state="silent"} 1\n');
    expect(text).toMatch(COUNT);
  } finally {
    process.kill(other, 'SIGCONT');
  }
});

test('when the parent is killed, the workers end too and leave the port', async () => {
  await using server = await TestServer.start(WORKERS);
  expect((await putFile(server, 'kept/p/1/f', 'kept')).status).toBe(201);
  const workers = [...workerProcesses(server).values()];
  expect(workers).toHaveLength(2);
  process.kill(parentOfWorkers(server), 'SIGKILL');
  await eventually('the workers have ended', () => running(workers).length === 0);
  await server.exited();
  await server.restart();
  expect(await (await fetch(`${server.url}/repo/generic/kept/p/1/f`)).text()).toBe('kept');
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s under load ends all with 0, and no acknowledged upload is lost',
  async (signal) => {
    await using server = await TestServer.start(WORKERS);
    const load = new UploadLoad(server, 'load');
    await eventually('uploads are running', () => load.acknowledged.size > 50);
    const pids = server.processIds;
    server.signal(signal);
    expect(await server.exited()).toBe(0);
    await load.stop();
    expect(running(pids)).toEqual([]);
    expectOnlyRetries(load);
    await server.restart();
    expect(await load.lost(server)).toEqual([]);
  },
);

test('a signal to the whole group, as from a terminal or a service manager, lets an upload under way finish', async () => {
  await using server = await TestServer.start(WORKERS);
  const chunk = new Uint8Array(100_000).fill(5);
  let signalled = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(chunk);
      if (signalled) return controller.close();
      await eventually('the upload has begun', () => stagedFiles(server).length === 1);
      for (const pid of server.processIds) process.kill(pid, 'SIGTERM');
      signalled = true;
      await Bun.sleep(300);
    },
  });
  expect((await putFile(server, 'slow/p/1/f', body)).status).toBe(201);
  expect(await server.exited()).toBe(0);
});

test('a second signal ends parent and workers at once', async () => {
  await using server = await TestServer.start({ ...WORKERS, env: { PACKYARD_DRAIN_SECONDS: '600' } });
  const pids = server.processIds;
  server.signal('SIGINT');
  await eventually('it drains', () => server.stderr.includes('"msg":"draining"'));
  await Bun.sleep(400);
  server.signal('SIGINT');
  expect(await server.exited()).toBe(130);
  await eventually('nothing is left', () => running(pids).length === 0);
});
