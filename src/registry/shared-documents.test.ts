import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type Database, openDatabase } from '../database/database.ts';
import { findDocument } from '../database/queries/documents.ts';
import { MemoryObjectStore } from '../storage/memory.ts';
import { SharedDocuments } from './shared-documents.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

let database: Database;
let store: MemoryObjectStore;
let built: number;
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:');
  store = new MemoryObjectStore();
  built = 0;
});
afterEach(() => database.close());

const replica = () => new SharedDocuments(database, store, () => 1);
const render = (content: string) => async () => {
  built += 1;
  await Bun.sleep(5);
  return bytes(content);
};

describe('a document that replicas share', () => {
  test('is built once, however many of them ask at the same time', async () => {
    const asked = [replica(), replica(), replica()].map((each) => each.get('root', 7, render('at 7')));
    expect((await Promise.all(asked)).map(text)).toEqual(['at 7', 'at 7', 'at 7']);
    expect(built).toBe(1);
  });

  test('is built anew for a newer revision, and the old one goes', async () => {
    await replica().get('root', 7, render('at 7'));
    expect(text(await replica().get('root', 8, render('at 8')))).toBe('at 8');
    expect(text(await replica().get('root', 7, render('never')))).toBe('at 8');
    expect(built).toBe(2);
    expect((await Array.fromAsync(store.list())).length).toBe(1);
  });

  test('is built again when what was stored is lost', async () => {
    await replica().get('root', 7, render('at 7'));
    const row = await findDocument(database.read, 'root');
    await store.delete(row?.storage_key ?? '');
    expect(text(await replica().get('root', 7, render('again')))).toBe('again');
    expect(text(await replica().get('root', 7, render('never')))).toBe('again');
  });

  test('whose making fails is tried again by the next who asks', async () => {
    const failing = replica().get('root', 7, async () => {
      throw new Error('no rows today');
    });
    await expect(failing).rejects.toThrow('no rows today');
    expect(text(await replica().get('root', 7, render('at 7')))).toBe('at 7');
  });
});
