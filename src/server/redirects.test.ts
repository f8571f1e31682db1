import { expect, test } from 'bun:test';
import { shouldRedirect } from './redirects.ts';

test('clients of the networks that the settings name are sent to the store, unless the repository says no', () => {
  const near = { isNear: true, size: 1_000_000 };
  expect(shouldRedirect({ ...near, mode: 'default' })).toBe(true);
  expect(shouldRedirect({ ...near, mode: 'redirect' })).toBe(true);
  expect(shouldRedirect({ ...near, mode: 'proxy' })).toBe(false);
});

test('others are sent there only where the repository says so', () => {
  const far = { isNear: false, size: 1_000_000 };
  expect(shouldRedirect({ ...far, mode: 'default' })).toBe(false);
  expect(shouldRedirect({ ...far, mode: 'redirect' })).toBe(true);
  expect(shouldRedirect({ ...far, mode: 'proxy' })).toBe(false);
});

test('a small file is always sent by the server itself', () => {
  expect(shouldRedirect({ isNear: true, mode: 'redirect', size: 65_535 })).toBe(false);
  expect(shouldRedirect({ isNear: true, mode: 'redirect', size: 65_536 })).toBe(true);
});
