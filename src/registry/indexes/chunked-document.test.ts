import { expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ChunkedDocument } from './chunked-document.ts';
import type { IndexEntry } from './entry.ts';
import { FORMS, type Form } from './running-digests.ts';

test('a document has the same bytes whatever came and went before', async () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { maxLength: 900 });
  const keptShare = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(ids, fc.array(fc.nat(), { maxLength: 12 }), keptShare, async (all, cuts, share) => {
      let document = ChunkedDocument.empty;
      const entries = all.map((id) => entry(id));
      for (const piece of split(entries, cuts)) document = await document.change(new Set(), piece);
      const removed = new Set(all.filter((id) => hash(id) > share));
      for (const piece of split([...removed], cuts)) document = await document.change(new Set(piece), []);
      const kept = entries.filter(({ id }) => !removed.has(id));
      const anew = await ChunkedDocument.empty.change(new Set(), kept);
      expect(document.digests).toEqual(anew.digests);
      for (const form of FORMS) expect(bytes(document, form).equals(bytes(anew, form))).toBe(true);
      expect(document.entryCount).toBe(kept.length);
    }),
    { numRuns: 60 },
  );
});

test('every form unpacks to the entries in order, and its digests are those of its bytes', async () => {
  for (const count of [0, 1, 2, 159, 160, 161, 1000, 3000]) {
    const entries = Array.from({ length: count }, (_, index) => entry(index + 1));
    const document = await ChunkedDocument.empty.change(new Set(), entries.toReversed());
    const plain = Buffer.concat(entries.map((each) => each.bytes));
    expect(bytes(document, 'plain').equals(plain)).toBe(true);
    expect(Buffer.from(gunzipSync(bytes(document, 'gzip'))).equals(plain)).toBe(true);
    expect(Buffer.from(Bun.zstdDecompressSync(bytes(document, 'zstd'))).equals(plain)).toBe(true);
    for (const form of FORMS) {
      const all = bytes(document, form);
      expect(document.digests[form]).toEqual({
        size: all.byteLength,
        sha256: new Bun.CryptoHasher('sha256').update(all).digest('hex'),
      });
    }
  }
});

test('entries of any size find a place', async () => {
  const entries = [1, 2, 3].map((id) => ({ id, bytes: new Uint8Array(3 << 20).fill(64 + id) }));
  const document = await ChunkedDocument.empty.change(new Set(), entries);
  expect(
    Buffer.from(gunzipSync(bytes(document, 'gzip'))).equals(Buffer.concat(entries.map((each) => each.bytes))),
  ).toBe(true);
});

test('an older document stays as it was when another is made from it', async () => {
  const before = await ChunkedDocument.empty.change(new Set(), [entry(1), entry(2)]);
  const text = bytes(before, 'plain').toString();
  await before.change(new Set([1]), [entry(3)]);
  expect(bytes(before, 'plain').toString()).toBe(text);
});

test('appending one entry makes one chunk anew, however long the document is', async () => {
  const long = await ChunkedDocument.empty.change(
    new Set(),
    Array.from({ length: 20_000 }, (_, index) => entry(index + 1)),
  );
  const longer = await long.change(new Set(), [entry(20_001)]);
  const before = new Set([...long.bytes('gzip')]);
  expect([...longer.bytes('gzip')].filter((piece) => !before.has(piece)).length).toBeLessThanOrEqual(2);
});

function entry(id: number): IndexEntry {
  const text = `Package: package-${id}\nVersion: 1.${hash(id)}\nDescription: number ${id}\n\n`;
  return { id, bytes: Buffer.from(text) };
}

function bytes(document: ChunkedDocument, form: Form): Buffer {
  return Buffer.concat([...document.bytes(form)]);
}

/** A number from 0 to 1 that looks like chance. */
function hash(id: number): number {
  return (Math.imul(id, 2654435761) >>> 0) / 2 ** 32;
}

function split<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const places = [0, ...cuts.map((cut) => cut % (items.length + 1)).sort((a, b) => a - b), items.length];
  return places.slice(1).map((end, index) => items.slice(places[index], end));
}
