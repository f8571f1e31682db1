import { expect, test } from 'bun:test';
import { Steps } from './steps.ts';
import { testIo } from './test-io.ts';

test('on a terminal a line moves, and one line stays for each step that did something', () => {
  let now = 0;
  const io = testIo({ interactive: true });
  const steps = new Steps(io, () => now);
  steps.begin('copy files', 10);
  now = 2_000;
  steps.advance(4, 4_000_000);
  steps.begin('look for nothing');
  steps.end();
  expect(io.err).toEqual([
    '\r\u001b[Kcopy files: 0 %, 0 of 10',
    '\r\u001b[Kcopy files: 40 %, 4 of 10, 4.0 MB, 2.0 MB/s, 3 s left',
    '\r\u001b[K',
    'copy files: 4, 4.0 MB',
    '\r\u001b[Klook for nothing: 0',
    '\r\u001b[K',
  ]);
});

test('elsewhere a line is written every ten seconds', () => {
  let now = 0;
  const io = testIo();
  const steps = new Steps(io, () => now);
  steps.begin('check');
  for (now = 1_000; now <= 21_000; now += 1_000) steps.advance(1);
  steps.end();
  expect(io.err).toEqual(['check: 10', 'check: 20', 'check: 21']);
});
