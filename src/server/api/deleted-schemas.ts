import { z } from '@hono/zod-openapi';
import { VISIBILITIES } from '../../registry/model.ts';
import { cleanText, list, pageSize, time, wholeNumber } from './schema-parts.ts';

const REVISION = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
const until = time('Until when at the least it can be brought back.');

export const DeletedQuery = z.strictObject({
  package: cleanText(512).min(1).optional().openapi({ description: 'Only what was deleted of this package.' }),
  version: cleanText(255).min(1).optional().openapi({ description: 'Only what was deleted of this version of it.' }),
  file: cleanText(255).min(1).optional().openapi({ description: 'Only files of this name.' }),
  revision: wholeNumber(REVISION)
    .optional()
    .openapi({ type: 'integer', minimum: 1, description: 'Only what this revision removed.' }),
  before: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}$/, 'must be what the page before gave as next')
    .optional()
    .openapi({ description: 'What the page before gave as `next`.' }),
  limit: pageSize(),
});
export const DeletedList = list(
  'DeletedList',
  z
    .object({
      package: z.string(),
      version: z.string(),
      name: z.string().openapi({ description: "The file's name." }),
      size: z.int().openapi({ description: 'Bytes.' }),
      sha256: z.string(),
      revision: z.int().openapi({ description: 'The revision that removed it.' }),
      removedAt: time('When it was removed.'),
      removedBy: z.string(),
      reason: z.string(),
      until,
    })
    .openapi('DeletedFile'),
);

export const Undelete = z
  .strictObject({
    package: cleanText(512).min(1).optional(),
    version: cleanText(255).min(1).optional().openapi({ description: 'Only of this version; needs `package`.' }),
    file: cleanText(255).min(1).optional().openapi({ description: 'Only this file; needs `package`.' }),
    revision: z
      .int()
      .min(1)
      .optional()
      .openapi({ description: 'Only what this revision removed; alone, all that it removed.' }),
    skipTaken: z
      .boolean()
      .optional()
      .openapi({ description: 'Leave out files in whose place there are others now; else they are a conflict.' }),
  })
  .openapi('Undelete');
export const Undeleted = z
  .object({
    restored: z.int().openapi({ description: 'How many files are back.' }),
    revision: z.int().openapi({ description: 'The revision that brought them back.' }),
  })
  .openapi('Undeleted');

export const RemovedRepositoriesQuery = z.strictObject({
  format: cleanText(64).min(1).optional().openapi({ description: 'Only repositories of this format.' }),
  name: cleanText(128).min(1).optional().openapi({ description: 'Only repositories of this name.' }),
});
export const RemovedRepositoryParams = z.object({
  id: wholeNumber({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }).openapi({
    type: 'integer',
    minimum: 1,
    description: 'As the list of removed repositories gives it.',
  }),
});
export const RemovedRepositoryList = list(
  'RemovedRepositoryList',
  z
    .object({
      id: z.int(),
      format: z.string(),
      name: z.string(),
      visibility: z.enum(VISIBILITIES),
      files: z.int().openapi({ description: 'How many files are in it.' }),
      removedAt: time('When it was removed.'),
      removedBy: z.string(),
      until,
    })
    .openapi('RemovedRepository'),
);

export const PreviewQuery = z.strictObject({
  after: cleanText(512).optional().openapi({ description: 'What the page before gave as `next`.' }),
  limit: pageSize(),
});
export const RetentionPreview = list(
  'RetentionPreview',
  z
    .object({
      package: z.string(),
      version: z.string(),
      files: z.int(),
      size: z.int().openapi({ description: 'Bytes of its files; other repositories may have some of them too.' }),
      publishedAt: time('When its newest file was published.'),
      reason: z.string().openapi({ description: 'Why no rule keeps it.' }),
    })
    .openapi('ExpiredVersion'),
);
export const RetentionResult = z
  .object({
    versions: z.int().openapi({ description: 'How many versions were removed.' }),
    files: z.int(),
    size: z.int().openapi({ description: 'Bytes.' }),
    revisions: z
      .array(z.int())
      .openapi({ description: 'The revisions that removed them: one, unless there was very much.' }),
    undoUntil: until,
  })
  .openapi('RetentionResult');
