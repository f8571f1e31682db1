import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Action, Principal, Scope } from '../model/principal.ts';
import type { Visibility } from './model.ts';
import { type AnonymousMode, Permissions } from './permissions.ts';
import { createTestRegistry, type TestRegistry } from './testing.ts';

const actor = { name: 'tester' };
const scopes: readonly Scope[] = [{ repository: 'pypi/*', actions: ['read', 'write'] }];

describe('a token', () => {
  let t: TestRegistry;
  beforeEach(async () => {
    t = await createTestRegistry();
  });
  afterEach(() => t.dispose());

  test('tells who it belongs to and what it may', async () => {
    const { secret, record } = await t.access.createToken({ user: 'ci', name: 'build', scopes }, actor);
    expect(secret).toMatch(/^pky_[A-Za-z0-9]{43}$/);
    expect(await t.access.authenticate(secret)).toEqual({ kind: 'user', name: 'ci', scopes, tokenId: record.id });
  });

  test('is not in the database, only its digest is', async () => {
    const { secret } = await t.access.createToken({ user: 'ci', name: 'build', scopes }, actor);
    expect(JSON.stringify(await t.access.tokens())).not.toContain(secret);
  });

  test.each(['', 'x', 'pky_', `pky_${'A'.repeat(43)}`, `pky_${'A'.repeat(5000)}`])(
    '%p is not known',
    async (secret) => {
      await expect(t.access.authenticate(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  test('ends when it expires', async () => {
    const expiresAt = t.clock.now + 1000;
    const { secret } = await t.access.createToken({ user: 'ci', name: 'short', scopes, expiresAt }, actor);
    expect((await t.access.authenticate(secret)).name).toBe('ci');
    t.clock.now += 1000;
    await expect(t.access.authenticate(secret)).rejects.toThrow('expired');
  });

  test('ends at once when it is revoked', async () => {
    const { secret, record } = await t.access.createToken({ user: 'ci', name: 'lost', scopes }, actor);
    await t.access.authenticate(secret);
    await t.access.revokeToken(record.id, actor);
    await expect(t.access.authenticate(secret)).rejects.toThrow('revoked');
  });

  test('remembers when it was used last', async () => {
    const { secret } = await t.access.createToken({ user: 'ci', name: 'build', scopes }, actor);
    t.clock.now += 5000;
    await t.access.authenticate(secret);
    expect((await t.access.tokens())[0]?.lastUsedAt).toBe(t.clock.now);
  });
});

describe('permissions', () => {
  const anonymous: Principal = { kind: 'anonymous', name: 'anonymous', scopes: [] };
  const ci: Principal = { kind: 'user', name: 'ci', scopes };
  const admin: Principal = { kind: 'user', name: 'admin', scopes: [{ repository: '*', actions: ['admin'] }] };
  const repository = (format: string, visibility: Visibility = 'default') => ({
    ref: { format, name: 'x' },
    visibility,
  });

  test.each<[AnonymousMode, Visibility, Action, boolean]>([
    ['none', 'default', 'read', false],
    ['none', 'public', 'read', true],
    ['read', 'default', 'read', true],
    ['read', 'private', 'read', false],
    ['read', 'default', 'write', false],
    ['write', 'default', 'write', true],
    ['write', 'private', 'write', false],
    ['write', 'default', 'delete', false],
  ])('with --anonymous %s, a %s repository lets nobody in particular %s: %p', (mode, visibility, action, allowed) => {
    expect(new Permissions(mode).allows(anonymous, action, repository('pypi', visibility))).toBe(allowed);
  });

  test('follow the scopes of the token', () => {
    const permissions = new Permissions('none');
    expect(permissions.allows(ci, 'write', repository('pypi', 'private'))).toBe(true);
    expect(permissions.allows(ci, 'delete', repository('pypi'))).toBe(false);
    expect(permissions.allows(ci, 'read', repository('generic'))).toBe(false);
    expect(permissions.allows(admin, 'delete', repository('generic', 'private'))).toBe(true);
  });

  test('ask who is not known to log in, and tell who is known that it is not allowed', () => {
    const permissions = new Permissions('none');
    expect(() => permissions.require(anonymous, 'read', repository('pypi'))).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
    expect(() => permissions.require(ci, 'delete', repository('pypi'))).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    expect(() => permissions.requireServerAdmin(ci)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    permissions.requireServerAdmin(admin);
  });
});
