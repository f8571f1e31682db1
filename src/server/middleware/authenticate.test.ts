import { afterEach, beforeEach, expect, test } from 'bun:test';
import { SecretBox } from '../../registry/signing/secret-box.ts';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import { BearerTokenIssuer } from '../bearer-tokens.ts';
import { LoginLimiter } from '../login-limiter.ts';
import { identify } from './authenticate.ts';

const ADDRESS = '192.0.2.1';
const actor = { name: 'tester' };

let t: TestRegistry;
let bearerTokens: BearerTokenIssuer;
let loginLimiter: LoginLimiter;

beforeEach(async () => {
  t = await createTestRegistry();
  const box = new SecretBox('x'.repeat(32));
  bearerTokens = new BearerTokenIssuer(
    async () => box,
    t.access,
    () => t.clock.now,
  );
  loginLimiter = new LoginLimiter(2, () => t.clock.now);
});
afterEach(() => t.dispose());

const identifyBy = (secret: string) =>
  identify({ access: t.access, bearerTokens, loginLimiter }, () => secret, ADDRESS);

async function derived() {
  const { secret, record } = await t.access.createToken({ user: 'ci', name: 'build', scopes: [] }, actor);
  const { token } = await bearerTokens.issue(await t.access.authenticate(secret));
  return { secret, record, token };
}

test('a bearer token that has expired is no failed log-in: clients send it until they are told', async () => {
  const { secret, token } = await derived();
  t.clock.now += 300_000;
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(identifyBy(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(await identifyBy(secret)).toMatchObject({ name: 'ci' });
  await expect(identifyBy('guess')).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('bearer tokens that were made up, or stand for one that has been revoked, count as failed log-ins', async () => {
  const { record, token } = await derived();
  await t.access.revokeToken(record.id, actor);
  await expect(identifyBy(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(identifyBy(`${token.slice(0, -4)}AAAA`)).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(identifyBy('pkb_')).rejects.toMatchObject({ code: 'too_many_requests' });
});
