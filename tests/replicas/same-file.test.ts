import { afterAll, beforeAll, expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { Replicas } from '../support/replicas.ts';
import { type SharedPlaces, sharedPlaces } from '../support/shared-places.ts';

const ROUNDS = 30;

let places: SharedPlaces;
let replicas: Replicas;
beforeAll(async () => {
  places = await sharedPlaces();
  replicas = await Replicas.start(2, places);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await places?.dispose();
});

/** Sends to both replicas at the same moment, twice each. */
async function race(path: string, contents: readonly string[]): Promise<number[]> {
  const requests = contents.map((content, index) => putFile(replicas.get(index % 2), path, content));
  return (await Promise.all(requests)).map(({ status }) => status).sort();
}

test('the same bytes under one name on two replicas: one creates, the others are told that it is there', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    expect(await race(`same/p/1/${round}`, ['same', 'same', 'same', 'same'])).toEqual([200, 200, 200, 201]);
  }
});

test('other bytes under one name on two replicas: one wins, the others are refused, and both show the winner', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const contents = ['one', 'two', 'three', 'four'].map((word) => `${word} ${round}`);
    expect(await race(`other/p/1/${round}`, contents)).toEqual([201, 409, 409, 409]);
    const read = (index: number) =>
      fetch(`${replicas.get(index).url}/repo/generic/other/p/1/${round}`).then((response) => response.text());
    const winner = await read(0);
    expect(contents).toContain(winner);
    expect(await read(1)).toBe(winner);
  }
});

test('new repositories, packages and the same bytes everywhere, all at once: nothing fails, no revision is skipped', async () => {
  const uploads = Array.from({ length: 120 }, (_, index) =>
    putFile(replicas.get(index % 2), `burst${index % 3}/p${index % 5}/${index}/f`, `bytes ${index % 4}`),
  );
  expect(new Set((await Promise.all(uploads)).map(({ status }) => status))).toEqual(new Set([201]));
  const response = await fetch(`${replicas.get(0).url}/api/v1/repositories`);
  const { items } = (await response.json()) as { items: { name: string; revision: number }[] };
  const bursts = items.filter(({ name }) => name.startsWith('burst'));
  expect(bursts.map(({ revision }) => revision)).toEqual([40, 40, 40]);
});

test('afterwards the store is in order', async () => {
  expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
});
