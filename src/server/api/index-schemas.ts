import { z } from '@hono/zod-openapi';
import { cleanText, list, time } from './schema-parts.ts';
import { RepositoryParams, VersionParams } from './schemas.ts';

const indexName = cleanText(128)
  .min(1)
  .openapi({ description: "The index, e.g. apt's distribution.", example: 'bookworm' });
const settings = z
  .record(z.string().max(64), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
  .openapi({ description: 'What the format knows, e.g. `origin`, `label`, `validDays` for apt.' });

export const IndexParams = RepositoryParams.extend({ index: indexName });
export const KeyParams = RepositoryParams.extend({
  fingerprint: z.string().regex(/^[0-9A-Fa-f]{40}$/, 'must be the 40 hexadecimal digits of a fingerprint'),
});
export const InIndexQuery = z.strictObject({
  index: indexName.optional().openapi({ description: 'Only what is in this index.' }),
});
export const VersionInIndex = { params: VersionParams, query: InIndexQuery };

export const Index = z.object({ name: z.string(), settings }).openapi('Index');
export const IndexList = list('IndexList', Index);
export const IndexChange = settings.openapi('IndexChange', {
  description: 'Settings by name; `null` forgets one, and what is left out stays.',
});

export const Copy = z
  .strictObject({
    package: cleanText(512).min(1),
    version: cleanText(255).min(1).optional().openapi({ description: 'Left out, the newest one in `from`.' }),
    file: cleanText(255).min(1).optional().openapi({ description: 'Only this file of the version.' }),
    from: indexName,
    component: cleanText(64).min(1).optional().openapi({ description: 'For apt: another component.' }),
  })
  .openapi('Copy');
export const Copied = z
  .object({
    version: z.string(),
    copied: z.int().openapi({ description: 'Files that are new in the index.' }),
    unchanged: z.int().openapi({ description: 'Files that were there already.' }),
    revision: z.int(),
  })
  .openapi('Copied');

export const SigningKey = z
  .object({
    fingerprint: z.string().openapi({ description: '40 hexadecimal digits.' }),
    publicKey: z.string().openapi({ description: 'Armored.' }),
    createdAt: time('When it was made or imported.'),
    createdBy: z.string(),
    retiredAt: time('Since when it signs no longer.').optional(),
  })
  .openapi('SigningKey');
export const SigningKeyList = list('SigningKeyList', SigningKey);
export const NewSigningKey = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(100_000)
      .optional()
      .openapi({ description: 'An armored OpenPGP secret key. Left out, a new one is made.' }),
    passphrase: z.string().max(1000).optional(),
    retireOthers: z
      .boolean()
      .optional()
      .openapi({ description: 'Let the present keys sign no longer; else all of them sign together.' }),
  })
  .openapi('NewSigningKey');
export const ExportedKey = z
  .object({ privateKey: z.string().openapi({ description: 'Armored, without a passphrase.' }) })
  .openapi('ExportedKey');
