import { describe, expect, test } from 'bun:test';
import { testIo } from '../../test-io.ts';
import { TransferBar } from './transfer-bar.ts';

const DIGEST = 'sha256:43f54b5a0da3de103b25fd808029f3ce16ed2d73688360d2ee89750aa51e4bf0';

function bar(interactive: boolean) {
  const io = testIo({ interactive });
  const clock = { now: 0 };
  return { io, clock, bar: new TransferBar(io, () => clock.now) };
}

describe('a bar', () => {
  test('moves on a terminal, and stays when it is full', () => {
    const { io, clock, bar: shown } = bar(true);
    shown.begin(DIGEST, 1000);
    for (clock.now of [50, 150, 2000]) shown.advance(clock.now === 2000 ? 500 : 250);
    shown.advance(0);
    expect(io.err).toEqual([
      '\rsha256:4:   0 % [--------------------] 1.0 kB',
      '\r\u001b[Ksha256:4:  50 % [##########----------] 1.0 kB, 3.3 kB/s',
      '\r\u001b[Ksha256:4: 100 % [####################] 1.0 kB, 500 B/s',
    ]);
  });

  test('is one line at the end elsewhere, also of a transfer that failed', () => {
    const { io, clock, bar: shown } = bar(false);
    shown.begin(DIGEST, 1000);
    clock.now = 1000;
    shown.advance(100);
    shown.close();
    shown.close();
    expect(io.err).toEqual(['sha256:4:  10 % [##------------------] 1.0 kB, 100 B/s']);
  });

  test('of nothing is full at once', () => {
    const { io, bar: shown } = bar(false);
    shown.begin(DIGEST, 0);
    expect(io.err).toEqual(['sha256:4: 100 % [####################] 0 B']);
  });

  test('begins anew when the transfer does', () => {
    const { io, bar: shown } = bar(false);
    shown.begin(DIGEST, 10);
    shown.advance(5);
    shown.begin(DIGEST, 10);
    shown.advance(10);
    expect(io.err.map((line) => line.slice(0, 16))).toEqual(['sha256:4:  50 % ', 'sha256:4: 100 % ']);
  });
});
