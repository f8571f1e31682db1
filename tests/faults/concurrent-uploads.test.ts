import { expect, test } from 'bun:test';
import { bearer, createRepository, putFile } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

test('uploads of one file with equal bytes at once all succeed', async () => {
  const bytes = new Uint8Array(200_000).fill(3);
  const answers = await Promise.all(Array.from({ length: 8 }, () => putFile(server(), 'equal/p/1/f', bytes)));
  const statuses = answers.map((answer) => answer.status).sort();
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
});

test('of uploads of one file with different bytes at once, exactly one wins', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const response = await putFile(server(), 'different/p/1/f', new Uint8Array(200_000).fill(index));
      return { index, status: response.status };
    }),
  );
  const winners = answers.filter(({ status }) => status === 201);
  expect(winners).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  const stored = await (await fetch(`${server().url}/repo/generic/different/p/1/f`)).bytes();
  expect(stored).toEqual(new Uint8Array(200_000).fill(winners[0]?.index ?? -1));
});

test('of PyPI uploads of one wheel with different bytes at once, exactly one wins', async () => {
  await createRepository(server(), 'pypi/race');
  const statuses = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (marker) => {
      const wheel = makeWheel({ name: 'demo', version: '1.0', marker });
      const form = new FormData();
      form.append(':action', 'file_upload');
      form.append('name', 'demo');
      form.append('version', '1.0');
      form.append('content', new Blob([wheel.bytes]), wheel.fileName);
      const options = { method: 'POST', headers: bearer(server().adminToken), body: form };
      const response = await fetch(`${server().url}/repo/pypi/race/`, options);
      const text = await response.text();
      if (!response.ok) expect(text).toContain('File already exists');
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status < 300)).toHaveLength(1);
  expect(statuses.filter((status) => status === 400)).toHaveLength(3);
});

test('first uploads into a repository that is not there yet may come at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => putFile(server(), `fresh/p${index}/1/f`, `bytes ${index}`)),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(201));
  for (let index = 0; index < 8; index += 1) {
    expect(await (await fetch(`${server().url}/repo/generic/fresh/p${index}/1/f`)).text()).toBe(`bytes ${index}`);
  }
});
