import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createHasher, digestOf, portableHasher } from './hasher.ts';

test('digests are the same with and without the runtime’s own, in whatever pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.constantFrom('sha256' as const, 'sha512' as const),
      async (parts, algorithm) => {
        const [native, portable] = [await createHasher(algorithm), await portableHasher(algorithm)];
        for (const part of parts) for (const hasher of [native, portable]) hasher.update(part);
        const digest = native.digest();
        expect(portable.digest()).toBe(digest);
        expect(await digestOf(new Uint8Array(Buffer.concat(parts)), algorithm)).toBe(digest);
      },
    ),
    { numRuns: 50 },
  );
});

test('the digest of nothing is the well-known one', async () => {
  expect(await digestOf(new Uint8Array())).toBe(
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});
