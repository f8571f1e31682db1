import { Hono } from 'hono';
import type { Format, FormatContext, HttpEnv, ReceivedForm } from '../../formats/format.ts';
import { formatById, formats } from '../../formats/index.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import { formatRepositoryRef, parseRepositoryName, type RepositoryRef } from '../../model/repository-ref.ts';
import type { PendingOutcome, PublishOutcome } from '../../registry/model.ts';
import type { Permissions } from '../../registry/permissions.ts';
import { isArchive, receiveArchive } from '../receive-archive.ts';

/** Parameters that every provider takes; all others belong to the format. */
const COMMON = new Set(['provider', 'reponame', 'name', 'version']);

/**
 * `POST /addpkg?provider=&reponame=&name=&version=[&…]` with the file as a multipart field: the one upload address for every
 * format, as artifactd had it. Parameters may come in the query or as form
 * fields, before or after the file.
 */
export function addpkgRoutes(
  context: FormatContext,
  permissions: Permissions,
  uploadBytes: number | undefined,
): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.post('/', async (c) => {
    const query = new URL(c.req.url).searchParams;
    const { principal } = c.var;
    // Refuse before the bytes travel, where the query says already what this is about.
    const open = async (value: Parameter): Promise<OpenTarget> => {
      const found = target(value);
      const { id } = await context.open(found.repository, principal, 'write');
      return { ...found, repositoryId: id };
    };
    const early: Parameter = (name) => query.get(name);
    let opened = named(early) ? await open(early) : undefined;
    if (isArchive(c.req.raw)) {
      const target = opened ?? (await open(early));
      const actor = { name: principal.name, requestId: c.var.requestId, address: c.var.address };
      const fields = queryFields(query);
      const outcomes = await receiveArchive(context, c.req.raw, { ...target, principal, actor, fields }, uploadBytes);
      return c.json(archiveAnswer(outcomes), 201);
    }
    const form = await context.receiveForm(c.req.raw, {
      digestFields: opened?.format.digestFields,
      digests: opened?.format.digests,
      beforeFile: async (fields) => {
        const sofar: Parameter = (name) => query.get(name) ?? fields.get(name)?.[0] ?? null;
        if (!opened && named(sofar)) opened = await open(sofar);
        // Where the file comes first, its bytes are taken only from somebody who may put them anywhere at all.
        else if (!opened) permissions.requireAnyWrite(principal);
      },
    });
    try {
      const value: Parameter = (name) => query.get(name) ?? form.fields.get(name)?.[0] ?? null;
      const { provider, format, repository, repositoryId } = opened ?? (await open(value));
      const outcome = await format.receive(
        {
          provider,
          repository,
          repositoryId,
          principal,
          actor: { name: principal.name, requestId: c.var.requestId, address: c.var.address },
          staged: form.staged,
          fileName: form.fileName,
          name: value('name') || undefined,
          version: value('version') || undefined,
          fields: extraFields(query, form),
        },
        context,
      );
      if (outcome.result === 'pending') return c.json(pendingAnswer(outcome), 202);
      return c.json(answer(outcome), outcome.result === 'created' ? 201 : 200);
    } finally {
      await form.staged.discard();
    }
  });
  app.all('/', () => {
    throw new PackyardError('method_not_allowed', 'packages are added with POST', {
      hint: "curl -F f=@FILE 'http://…/addpkg?provider=…&reponame=…&name=…&version=…'",
    });
  });
  return app;
}

interface Target {
  readonly provider: string;
  readonly format: Format;
  readonly repository: RepositoryRef;
}

interface OpenTarget extends Target {
  readonly repositoryId: number;
}

type Parameter = (name: string) => string | null;

function named(value: Parameter): boolean {
  return Boolean(value('provider') && value('reponame'));
}

function target(value: Parameter): Target {
  const provider = required(value, 'provider');
  const format = formatById(provider);
  if (!format) {
    throw invalid(`there is no provider ${JSON.stringify(provider)}`, {
      hint: `use one of: ${formats.flatMap(({ id, olderNames }) => [id, ...olderNames]).join(', ')}`,
    });
  }
  return {
    provider,
    format,
    repository: { format: format.id, name: parseRepositoryName(required(value, 'reponame')) },
  };
}

function required(value: Parameter, name: string): string {
  const found = value(name);
  if (!found)
    throw invalid(`the parameter ${name} is missing`, {
      hint: 'needed are provider, reponame, name and version',
    });
  return found;
}

function extraFields(query: URLSearchParams, form: ReceivedForm): Map<string, readonly string[]> {
  const fields = new Map([...form.fields].filter(([name]) => !COMMON.has(name)));
  for (const [name, values] of queryFields(query)) fields.set(name, values);
  return fields;
}

function queryFields(query: URLSearchParams): Map<string, readonly string[]> {
  const names = [...new Set(query.keys())].filter((name) => !COMMON.has(name));
  return new Map(names.map((name) => [name, query.getAll(name)]));
}

function archiveAnswer(outcomes: readonly PublishOutcome[]): object {
  const count = (result: PublishOutcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
  const repository = outcomes[0]?.repository;
  return {
    ok: true,
    repository: repository && formatRepositoryRef(repository.ref),
    created: count('created'),
    replaced: count('replaced'),
    unchanged: count('unchanged'),
    revision: repository?.revision,
  };
}

function pendingAnswer({ repository, result, name, size, sha256 }: PendingOutcome): object {
  return { ok: true, repository: formatRepositoryRef(repository), result, file: { name, size, sha256: sha256.hex } };
}

function answer({ file, repository, result }: PublishOutcome): object {
  const { format, name } = repository.ref;
  return {
    ok: true,
    repository: formatRepositoryRef(repository.ref),
    package: file.package,
    version: file.version,
    result,
    file: {
      name: file.name,
      size: file.size,
      sha256: file.sha256.hex,
      url: `/repo/${format}/${name}/${file.path.split('/').map(encodeURIComponent).join('/')}`,
    },
    revision: repository.revision,
  };
}
