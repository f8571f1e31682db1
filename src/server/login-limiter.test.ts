import { expect, test } from 'bun:test';
import { LoginLimiter } from './login-limiter.ts';

test('an address that fails too often waits until a minute has passed since the first failure', () => {
  let now = 1_000_000;
  const limiter = new LoginLimiter(3, () => now);
  for (let failure = 0; failure < 3; failure++) {
    limiter.check('192.0.2.1');
    limiter.failed('192.0.2.1');
    now += 1000;
  }
  expect(() => limiter.check('192.0.2.1')).toThrow('too many failed log-ins');
  limiter.check('192.0.2.2');
  now += 57_000;
  limiter.check('192.0.2.1');
});
