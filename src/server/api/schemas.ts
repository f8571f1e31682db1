import { z } from '@hono/zod-openapi';
import { ACTIONS } from '../../model/principal.ts';
import {
  DOWNLOAD_MODES,
  INCOMPLETE_IMAGES,
  PACKAGE_STATUSES,
  VISIBILITIES,
  WRITE_POLICIES,
} from '../../registry/model.ts';
import { cleanText, list, pageSize, time, wholeNumber } from './schema-parts.ts';

export const RepositoryParams = z.object({
  format: cleanText(64).min(1).openapi({ description: 'A format, or an older name of it.', example: 'pypi' }),
  name: cleanText(128).min(1).openapi({ description: "The repository's name.", example: 'tools' }),
});
export const PackageParams = RepositoryParams.extend({
  package: cleanText(512).min(1).openapi({ description: 'The package, in any spelling. Percent-encode slashes.' }),
});
export const VersionParams = PackageParams.extend({
  version: cleanText(255).min(1).openapi({ description: 'The version, as it is listed.' }),
});
export const FileParams = VersionParams.extend({
  file: cleanText(255).min(1).openapi({ description: "The file's name." }),
});
export const AliasParams = PackageParams.extend({
  alias: cleanText(255).min(1).openapi({ description: "The alias's name.", example: 'stable' }),
});
export const TokenParams = z.object({ id: cleanText(128).min(1).openapi({ description: "The token's id." }) });

export const RepositoriesQuery = z.strictObject({
  format: cleanText(64).min(1).optional().openapi({ description: 'Only repositories of this format.' }),
});
export const PackagesQuery = z.strictObject({
  after: cleanText(512).optional().openapi({ description: 'Only packages whose names sort after this one.' }),
  limit: pageSize(),
});
export const SearchQuery = z.strictObject({
  q: cleanText(255)
    .trim()
    .min(1, 'must not be empty')
    .openapi({ description: "Part of a package's name; case, dashes, dots and underscores do not matter." }),
  format: cleanText(64).min(1).optional().openapi({ description: 'Only packages of this format.' }),
  limit: pageSize(),
});
export const RevisionsQuery = z.strictObject({ limit: pageSize() });
export const EventsQuery = z.strictObject({
  before: wholeNumber({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
    .optional()
    .openapi({ type: 'integer', minimum: 0, description: 'Only events older than the one with this id.' }),
  limit: pageSize(),
});
export const UnyankQuery = z.strictObject({
  file: cleanText(255).min(1).optional().openapi({ description: 'Only this file of the version.' }),
});

const Visibility = z.enum(VISIBILITIES).openapi('Visibility', {
  description: "`default` follows the server's anonymous mode, `public` lets everybody read, `private` needs a token.",
});
const WritePolicy = z.enum(WRITE_POLICIES).openapi('WritePolicy', {
  description: '`immutable`: a published file never changes. `overwrite`: a later upload of the same name replaces it.',
});
const DownloadMode = z.enum(DOWNLOAD_MODES).openapi('DownloadMode', {
  description:
    "Whether downloads are sent to the object store: `default` as the server's settings say, `proxy` never, `redirect` for every client.",
});
const keepEmpty = z
  .boolean()
  .openapi({ description: 'Whether it stays in view when nothing is in it. Choosing any setting sets this as well.' });
const keepVersions = z
  .int()
  .min(1)
  .max(1_000_000)
  .nullable()
  .openapi({ description: 'How many of the versions published last each package keeps; null is no rule.' });
const keepDays = z
  .int()
  .min(1)
  .max(36_500)
  .nullable()
  .openapi({ description: 'For how many days whatever was published is kept; null is no rule.' });
const Retention = z.object({ keepVersions, keepDays }).openapi('Retention', {
  description:
    'Which versions stay: what any rule keeps, an alias points at, or clients get without asking for a version. Without rules, all.',
});
const RetentionChange = z
  .strictObject({ keepVersions: keepVersions.optional(), keepDays: keepDays.optional() })
  .nullable()
  .openapi('RetentionChange', { description: 'A rule that is left out stays as it is; null ends all of them.' });
/** All globs together, with a line break behind each, are kept in 1,024 characters. */
const immutableTags = z
  .array(cleanText(128).min(1))
  .refine((globs) => globs.join('\n').length <= 1024, 'are longer than 1,024 characters together')
  .openapi({
    description: 'Globs: aliases (tags) with such names are set once, and then neither moved nor deleted.',
    example: ['v*'],
  });
const IncompleteImages = z.enum(INCOMPLETE_IMAGES).openapi('IncompleteImages', {
  description: 'Whether a manifest may name blobs and manifests that are not there: `accept` or `refuse`.',
});
const settings = {
  visibility: Visibility.optional(),
  writePolicy: WritePolicy.optional(),
  downloads: DownloadMode.optional(),
  immutableTags: immutableTags.optional(),
  incompleteImages: IncompleteImages.optional(),
  keepEmpty: keepEmpty.optional(),
  retention: RetentionChange.optional(),
};

export const Repository = z
  .object({
    format: z.string(),
    name: z.string(),
    visibility: Visibility,
    writePolicy: WritePolicy,
    downloads: DownloadMode,
    immutableTags,
    incompleteImages: IncompleteImages,
    keepEmpty,
    retention: Retention,
    files: z.int().openapi({ description: 'Files that are there now.' }),
    revision: z.int().openapi({ description: 'Number of the newest revision; 0 before the first change.' }),
    createdAt: time('When the repository was created.'),
    url: z.string().openapi({ description: "Path under the server's root.", example: '/repo/pypi/tools/' }),
  })
  .openapi('Repository');
export const RepositoryList = list('RepositoryList', Repository);
export const NewRepository = z
  .strictObject({
    format: cleanText(64).min(1),
    name: cleanText(128).min(1),
    ...settings,
  })
  .openapi('NewRepository');
export const RepositoryChange = z.strictObject(settings).openapi('RepositoryChange');

const PackageStatus = z.enum(PACKAGE_STATUSES).openapi('PackageStatus', { description: "PEP 792's markers." });
export const PackageSummary = z
  .object({
    name: z.string().openapi({ description: 'Normalised: what the package is found by.' }),
    displayName: z.string().openapi({ description: 'As the first uploader spelled it.' }),
    status: PackageStatus,
    statusReason: z.string(),
  })
  .openapi('PackageSummary');
export const PackageList = list('PackageList', PackageSummary);
export const FoundPackages = z
  .object({
    items: z.array(
      PackageSummary.extend({
        repository: z.string().openapi({ description: 'FORMAT/NAME.', example: 'pypi/tools' }),
      }).openapi('FoundPackage'),
    ),
    more: z.boolean().openapi({ description: 'Whether there are more than the limit.' }),
  })
  .openapi('FoundPackages');
export const PackageChange = z
  .strictObject({ status: PackageStatus, reason: cleanText(1000).optional() })
  .openapi('PackageChange');

export const PackageFile = z
  .object({
    name: z.string(),
    version: z.string(),
    size: z.int().openapi({ description: 'Bytes.' }),
    sha256: z.string().openapi({ description: '64 hexadecimal digits.' }),
    publishedAt: time('When the file entered this repository.'),
    publishedBy: z.string(),
    yanked: z.string().nullable().openapi({ description: 'Why it is yanked (may be empty); null when it is not.' }),
    url: z.string().openapi({ description: "Percent-encoded path under the server's root." }),
    metadata: z.record(z.string(), z.unknown()).openapi({ description: "What the format's parser found in the file." }),
  })
  .openapi('PackageFile');
const AliasEntry = z.object({ name: z.string(), target: z.string() });
export const Alias = AliasEntry.openapi('Alias', { description: 'A mutable name for a version.' });
export const AliasList = list('AliasList', Alias);
export const AliasTarget = z
  .strictObject({ target: cleanText(255).min(1).openapi({ description: 'A version that exists.' }) })
  .openapi('AliasTarget');
export const PackageDetails = PackageSummary.extend({
  versions: z.array(z.string()).openapi({ description: 'Newest first.' }),
  aliases: z.array(Alias),
  files: z.array(PackageFile).openapi({ description: 'In order of arrival.' }),
}).openapi('PackageDetails');

export const Removed = z
  .object({
    removed: z.int().openapi({ description: 'How many files were removed.' }),
    undoUntil: time('Until when at the least they can be brought back.'),
  })
  .openapi('Removed');
export const Changed = z
  .object({ changed: z.int().openapi({ description: 'How many files are different now.' }) })
  .openapi('Changed');
export const Yank = z
  .strictObject({
    reason: cleanText(1000).optional(),
    file: cleanText(255).min(1).optional().openapi({ description: 'Only this file of the version.' }),
  })
  .openapi('Yank');

export const RevisionList = list(
  'RevisionList',
  z
    .object({ number: z.int(), actor: z.string(), reason: z.string(), at: time('When the change was made.') })
    .openapi('Revision'),
);

const Action = z.enum(ACTIONS).openapi('Action', { description: '`admin` includes all the others.' });
const Scope = z
  .object({ repository: z.string().openapi({ description: 'A glob over FORMAT/NAME.' }), actions: z.array(Action) })
  .openapi('Scope');
export const Whoami = z
  .object({ name: z.string(), kind: z.enum(['anonymous', 'user']), scopes: z.array(Scope) })
  .openapi('Whoami');

const NewScope = z
  .strictObject({
    repository: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[A-Za-z0-9._*?/-]+$/, 'must be a glob over FORMAT/NAME, e.g. pypi/* or *')
      .openapi({ example: 'pypi/*' }),
    actions: z.array(Action).min(1).max(ACTIONS.length),
  })
  .openapi('NewScope');
export const NewToken = z
  .strictObject({
    name: cleanText(128).min(1).openapi({ description: 'What the token is for.', example: 'ci' }),
    user: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[^\s:\p{C}]+$/u, 'must not contain spaces, colons or control characters')
      .refine((user) => user !== 'anonymous', 'is reserved for requests without credentials')
      .optional()
      .openapi({ description: 'Whose token it is; left out, the caller.' }),
    scopes: z.array(NewScope).min(1).max(100),
    expiresAt: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Left out, it does not expire.' }),
  })
  .openapi('NewToken');
export const Token = z
  .object({
    id: z.string(),
    name: z.string(),
    user: z.string(),
    scopes: z.array(Scope),
    hint: z.string().openapi({ description: "The secret's first characters, to recognise it by." }),
    createdAt: time('When it was created.'),
    createdBy: z.string(),
    expiresAt: time('When it stops working.').optional(),
    revokedAt: time('When it was revoked.').optional(),
    lastUsedAt: time('About when it was last used.').optional(),
  })
  .openapi('Token');
export const TokenList = list('TokenList', Token);
export const CreatedToken = Token.extend({
  token: z.string().openapi({ description: 'The secret. This is the only time it is shown.' }),
}).openapi('CreatedToken');

export const EventList = list(
  'EventList',
  z
    .object({
      id: z.int(),
      at: time('When it happened.'),
      actor: z.string(),
      action: z.string(),
      repository: z.string().optional(),
      subject: z.string().optional(),
      detail: z.record(z.string(), z.unknown()),
      requestId: z.string().optional(),
      address: z.string().optional(),
    })
    .openapi('Event'),
);

export const ErrorBody = z
  .object({
    ok: z.literal(false),
    error: z.object({
      code: z.string().openapi({ description: 'Stable: match on this.', example: 'not_found' }),
      message: z.string(),
      hint: z.string().optional().openapi({ description: 'What to do about it.' }),
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
      requestId: z.string().optional().openapi({ description: "Find it in the server's log." }),
    }),
  })
  .openapi('Error');
