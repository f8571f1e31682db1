import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, Image, OCTETS } from '../protocol.ts';
import { chunk, ending, expectStored, rangeOf, streamOf } from './uploading.ts';

const server = useServer();

/** One request to an upload: how many bytes it brings, how it says so, and how far off it says they belong. */
const step = fc.record({
  size: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 70_000 })),
  form: fc.constantFrom('range', 'length', 'stream'),
  offset: fc.constantFrom(0, 0, 0, 1, -1, 1000),
});
const plan = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  last: fc.integer({ min: 0, max: 5000 }),
  algorithm: fc.constantFrom('sha256' as const, 'sha512' as const),
});

test('however bytes are cut and sent, the upload is where the accepted ones end, and the blob is all of them', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, last, algorithm }) => {
      const image = new Image(server(), freshName('any'));
      const total = steps.reduce((sum, { size }) => sum + size, last);
      const bytes = new Uint8Array(total).map((_, n) => (n * 31 + (n >> 8)) & 255);
      const location = await image.begin(`?digest-algorithm=${algorithm}`);
      let at = 0;
      for (const { size, form, offset } of steps) {
        const body = bytes.slice(at, at + size);
        if (form === 'range' && size > 0) {
          const start = Math.max(0, at + offset);
          const headers = { ...OCTETS, 'content-range': `${start}-${start + size - 1}` };
          const { status } = await image.call('PATCH', location, { body, headers });
          expect(status).toBe(start === at ? 202 : 416);
          if (status === 202) at += size;
        } else {
          await image.ok(202, 'PATCH', location, { body: form === 'stream' ? streamOf(body) : body, headers: OCTETS });
          at += size;
        }
        expect(await rangeOf(image, location)).toBe(`0-${Math.max(0, at - 1)}`);
      }
      const whole = bytes.slice(0, at + last);
      const rest = last === 0 ? {} : chunk(whole, at);
      const blob = { bytes: whole, digest: digestOf(whole, algorithm) };
      await expectStored(image, await image.call('PUT', ending(location, blob.digest), rest), blob);
    }),
    { numRuns: 25 },
  );
});
