import { expect, test } from 'bun:test';
import { SecretBox } from './secret-box.ts';

const SECRET = 'correct horse battery staple, and then some';

test('what was sealed is opened again, and no two seals are the same', () => {
  const box = new SecretBox(SECRET);
  const sealed = box.seal('a key', 'signing');
  expect(sealed).not.toContain('a key');
  expect(sealed).not.toBe(box.seal('a key', 'signing'));
  expect(new SecretBox(SECRET).open(sealed, 'signing')).toBe('a key');
});

test('another secret is named as the reason', () => {
  const sealed = new SecretBox(SECRET).seal('a key', 'signing');
  expect(() => new SecretBox(`${SECRET}!`).open(sealed, 'signing')).toThrow(/another secret/);
});

test('what was changed, or sealed for something else, is refused', () => {
  const box = new SecretBox(SECRET);
  const sealed = box.seal('a key', 'signing');
  const changed = sealed.slice(0, -6) + (sealed.endsWith('AAAA==') ? 'BBBB==' : 'AAAA==');
  expect(() => box.open(changed, 'signing')).toThrow(/changed|damaged/);
  expect(() => box.open(sealed, 'other')).toThrow(/changed|damaged/);
});
