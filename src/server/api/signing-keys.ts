import { createRoute } from '@hono/zod-openapi';
import { invalid } from '../../model/errors.ts';
import type { KeyRecord } from '../../registry/signing/signing-keys.ts';
import type { Api, ApiContext } from './context.ts';
import { ExportedKey, KeyParams, NewSigningKey, SigningKey, SigningKeyList } from './index-schemas.ts';
import { actorOf, type OpenRepository, openRepository } from './open.ts';
import { isoTime } from './present.ts';
import { json, refusals } from './responses.ts';
import { RepositoryParams } from './schemas.ts';

const tags = ['keys'];
const path = '/repositories/{format}/{name}/keys' as const;

const list = createRoute({
  method: 'get',
  path,
  operationId: 'listSigningKeys',
  summary: 'The keys that sign, or signed, the indices of a repository, the oldest first',
  tags,
  request: { params: RepositoryParams },
  responses: { 200: json(SigningKeyList, 'The keys, without their secrets.'), ...refusals(400, 401, 403, 404) },
});

const add = createRoute({
  method: 'post',
  path,
  operationId: 'addSigningKey',
  summary: 'Make or import a key, which signs from now on',
  tags,
  request: { params: RepositoryParams, body: { ...json(NewSigningKey, 'The key.'), required: true } },
  responses: { 201: json(SigningKey, 'The new key.'), ...refusals(400, 401, 403, 404, 409, 413) },
});

const retire = createRoute({
  method: 'delete',
  path: `${path}/{fingerprint}`,
  operationId: 'retireSigningKey',
  summary: 'Let a key sign no longer',
  tags,
  request: { params: KeyParams },
  responses: { 204: { description: 'It signs no longer.' }, ...refusals(400, 401, 403, 404, 409) },
});

const exportSecret = createRoute({
  method: 'post',
  path: `${path}/{fingerprint}/export`,
  operationId: 'exportSigningKey',
  summary: 'A key with its secret; the audit log tells who took it',
  tags,
  request: { params: KeyParams },
  responses: { 200: json(ExportedKey, 'The key.'), ...refusals(400, 401, 403, 404) },
});

export function signingKeyRoutes(api: Api, context: ApiContext): void {
  const { signingKeys } = context.registry;

  api.openapi(list, async (c) => {
    const { repository } = requireSigning(await openRepository(context, c, c.req.valid('param'), 'read'));
    return c.json({ items: (await signingKeys.list(repository)).map(present) }, 200);
  });

  api.openapi(add, async (c) => {
    const { key, passphrase, retireOthers = false } = c.req.valid('json');
    const { repository } = requireSigning(await openRepository(context, c, c.req.valid('param'), 'admin'));
    const added =
      key === undefined
        ? await signingKeys.rotate(repository, actorOf(c), { retireOthers })
        : await signingKeys.import(repository, { bytes: Buffer.from(key), passphrase }, actorOf(c), { retireOthers });
    return c.json(present(added), 201);
  });

  api.openapi(retire, async (c) => {
    const { fingerprint, ...params } = c.req.valid('param');
    const { repository } = requireSigning(await openRepository(context, c, params, 'admin'));
    await signingKeys.retire(repository, fingerprint, actorOf(c));
    return c.body(null, 204);
  });

  api.openapi(exportSecret, async (c) => {
    const { fingerprint, ...params } = c.req.valid('param');
    const { repository } = requireSigning(await openRepository(context, c, params, 'admin'));
    return c.json({ privateKey: await signingKeys.exportSecret(repository, fingerprint, actorOf(c)) }, 200);
  });
}

function requireSigning(opened: OpenRepository): OpenRepository {
  if (opened.format.capabilities.signing) return opened;
  throw invalid(`a ${opened.format.id} repository signs nothing`, { hint: 'only apt repositories have keys' });
}

function present({ fingerprint, publicKey, createdAt, createdBy, retiredAt }: KeyRecord) {
  const retired = retiredAt === undefined ? {} : { retiredAt: isoTime(retiredAt) };
  return { fingerprint, publicKey, createdAt: isoTime(createdAt), createdBy, ...retired };
}
