import type { Context, Hono } from 'hono';
import { notFound, PackyardError } from '../../model/errors.ts';
import type { Action } from '../../model/principal.ts';
import { parseRepositoryName, type RepositoryRef } from '../../model/repository-ref.ts';
import { renderedDocument } from '../../registry/document-cache.ts';
import type { Actor, Repository, StoredFile } from '../../registry/model.ts';
import type { FormatContext, HttpEnv } from '../format.ts';
import { parseCoreMetadata } from './core-metadata.ts';
import { distributionMetadata, sidecarName } from './distribution.ts';
import { type ProjectPage, projectHtml, projectJson, rootHtml, rootJson } from './documents.ts';
import { errorResponse, fileExistsResponse, goneResponse } from './errors.ts';
import { parseFileName } from './file-name.ts';
import { jsonApiDocument, latestVersion } from './json-api.ts';
import { isFormerAction, readUploadForm } from './legacy-upload.ts';
import { negotiate, SIMPLE_JSON } from './negotiate.ts';
import { DIGEST_FIELDS, filePath, receive } from './receive.ts';
import { isProjectName, normalizeName, sameVersion } from './version.ts';

/** The index under a second name. No project can have it, so both live in one tree. */
const SIMPLE = '+simple';
const METADATA_SUFFIX = '.metadata';
/** A server has few addresses; a client can send any number of Host headers. */
const MAX_SERVERS = 8;

/**
 * The simple repository API, downloads, the legacy upload API and Warehouse's JSON API of every PyPI repository.
 * HEAD comes as GET: the server leaves the body out.
 */
export function mountRoutes(router: Hono<HttpEnv>, context: FormatContext): void {
  const routes = new PypiRoutes(context);
  router.onError((error, c) => errorResponse(error, c.req.raw));

  router.get('/:repository', (c) => routes.root(c));
  router.get('/:repository/', (c) => routes.root(c));
  router.post('/:repository', (c) => routes.upload(c));
  router.post('/:repository/', (c) => routes.upload(c));
  router.post('/:repository/legacy', (c) => routes.upload(c));
  router.post('/:repository/legacy/', (c) => routes.upload(c));

  router.get('/:repository/:project', (c) => routes.rootOrProject(c));
  router.get('/:repository/:project/', (c) => routes.rootOrProject(c));
  router.get('/:repository/:project/:file', (c) => routes.fileOrProject(c));
  router.get('/:repository/:project/:file/', (c) => routes.fileOrProject(c));
  router.delete('/:repository/:project/:file', (c) => routes.remove(c));

  router.get('/:repository/pypi/:project/json', (c) => routes.json(c));
  router.get('/:repository/pypi/:project/:version/json', (c) => routes.json(c));

  for (const path of ['/:repository', '/:repository/:project', '/:repository/:project/:file']) {
    router.all(path, () => notAllowed());
    router.all(`${path}/`, () => notAllowed());
  }
}

function notAllowed(): never {
  throw new PackyardError('method_not_allowed', 'the index does not know this method here', {
    hint: 'packages are uploaded with POST to the index itself, and files removed with DELETE',
    details: { allow: 'GET, HEAD, POST, DELETE' },
  });
}

class PypiRoutes {
  readonly #context: FormatContext;
  /** Addresses under which clients see the server, as far as documents with whole URLs are kept for them. */
  readonly #servers: string[] = [];

  constructor(context: FormatContext) {
    this.#context = context;
  }

  async root(c: Context<HttpEnv>): Promise<Response> {
    if (!endsWithSlash(c)) return redirect(c, `${encodeURIComponent(parameter(c, 'repository'))}/`);
    return this.#rootPage(c);
  }

  async rootOrProject(c: Context<HttpEnv>): Promise<Response> {
    const project = parameter(c, 'project');
    if (project !== SIMPLE) return this.#projectPage(c, project, '');
    return endsWithSlash(c) ? this.#rootPage(c) : redirect(c, `${SIMPLE}/`);
  }

  async fileOrProject(c: Context<HttpEnv>): Promise<Response> {
    const [project, file] = [parameter(c, 'project'), parameter(c, 'file')];
    if (project === SIMPLE) return this.#projectPage(c, file, `../../${encodeURIComponent(normalizeName(file))}/`);
    if (endsWithSlash(c)) throw notFound('the index has no folder here');
    return this.#download(c, project, file);
  }

  async upload(c: Context<HttpEnv>): Promise<Response> {
    const repository = await this.#open(c, 'write');
    const form = await this.#context.receiveForm(c.req.raw, { digestFields: DIGEST_FIELDS });
    try {
      if (isFormerAction(form)) {
        return goneResponse(
          'the index no longer knows this action',
          'upload the file itself: it carries its metadata',
          c.req.raw,
        );
      }
      const { file, result } = await receive(
        {
          provider: 'pypi',
          repository: repository.ref,
          repositoryId: repository.id,
          principal: c.var.principal,
          actor: actorOf(c),
          staged: form.staged,
          fileName: form.fileName,
          fields: form.fields,
          ...readUploadForm(form),
        },
        this.#context,
      );
      const told = { created: 'published', replaced: 'replaced', unchanged: 'was there already, with the same bytes' };
      return c.text(`OK\n${file.name} ${told[result]}\n`);
    } catch (error) {
      if (error instanceof PackyardError && error.code === 'conflict') return fileExistsResponse(form.fileName, error);
      throw error;
    } finally {
      await form.staged.discard();
    }
  }

  async remove(c: Context<HttpEnv>): Promise<Response> {
    const repository = await this.#open(c, 'delete');
    const file = await this.#file(repository, parameter(c, 'project'), parameter(c, 'file'));
    const removed = await this.#context.registry.remove(repository, [file], actorOf(c));
    if (removed === 0) throw notFound(`${file.name} was removed in the meantime`);
    return c.text('OK');
  }

  async json(c: Context<HttpEnv>): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const { registry } = this.#context;
    const name = projectName(parameter(c, 'project'));
    const asked = c.req.param('version');
    const found = await registry.package(repository, name);
    if (!found || found.status === 'quarantined') throw unknownProject(name);
    const version = asked === undefined ? undefined : await this.#listedVersion(repository, name, asked);
    const server = this.#context.publicUrl(c.req.raw);
    const render = async () => {
      const files = await registry.files(repository, name);
      const shown = version ?? latestVersion(files);
      if (shown === undefined) throw unknownProject(name);
      return jsonApiDocument({
        name,
        files,
        version: shown,
        core: await this.#coreMetadata(files.find((file) => file.version === shown)),
        withReleases: version === undefined,
        repositoryUrl: `${server}/repo/pypi/${repository.ref.name}/`,
        serial: found.revision,
      });
    };
    // The key holds nothing that the client made up: the version as it is listed, the server's address by its number.
    const known = this.#serverNumber(server);
    const key = `pypi:${repository.id}:json:${name}:${version ?? ''}:${known}`;
    const document =
      known === undefined
        ? renderedDocument(await render())
        : await registry.documents.get(key, found.revision, render);
    return this.#context.sendDocument(c.req.raw, document, { contentType: 'application/json' });
  }

  /** The version that was asked for, as the index spells it: `1.0` for `1.0.0`. @throws PackyardError `not_found` */
  async #listedVersion(repository: Repository, name: string, asked: string): Promise<string> {
    const files = await this.#context.registry.files(repository, name);
    const listed = files.find((file) => sameVersion(file.version, asked));
    if (!listed) throw notFound(`${name} has no such version`);
    return listed.version;
  }

  /** Which of the server's addresses this is, or undefined where documents for it are not kept. */
  #serverNumber(url: string): number | undefined {
    const known = this.#servers.indexOf(url);
    if (known >= 0) return known;
    return this.#servers.length < MAX_SERVERS ? this.#servers.push(url) - 1 : undefined;
  }

  async #rootPage(c: Context<HttpEnv>): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const { registry } = this.#context;
    const contentType = negotiate(c.req.header('Accept'), c.req.query('format'));
    const form = contentType === SIMPLE_JSON ? 'json' : 'html';
    const document = await registry.documents.get(
      `pypi:${repository.id}:root:${form}`,
      repository.revision,
      async () => {
        const names = await registry.packageNames(repository);
        return form === 'json' ? rootJson(names) : rootHtml(names);
      },
      { files: repository.fileCount },
    );
    return this.#sendPage(c, document, contentType);
  }

  /** @param linkPrefix leads from the page to the project's files */
  async #projectPage(c: Context<HttpEnv>, asked: string, linkPrefix: string): Promise<Response> {
    const name = projectName(asked);
    if (!endsWithSlash(c)) return redirect(c, `${name}/`);
    if (asked !== name) return redirect(c, `../${name}/`);
    const repository = await this.#open(c, 'read');
    const { registry } = this.#context;
    const contentType = negotiate(c.req.header('Accept'), c.req.query('format'));
    const form = contentType === SIMPLE_JSON ? 'json' : 'html';
    const found = await registry.package(repository, name);
    if (!found) throw unknownProject(name);
    const key = `pypi:${repository.id}:project:${name}:${form}:${linkPrefix}`;
    const document = await registry.documents.get(key, found.revision, async () => {
      const { status, statusReason } = found;
      const page: ProjectPage = {
        name,
        status,
        statusReason,
        files: await registry.files(repository, name),
        linkPrefix,
      };
      return form === 'json' ? projectJson(page) : projectHtml(page);
    });
    return this.#sendPage(c, document, contentType);
  }

  #sendPage(c: Context<HttpEnv>, document: Parameters<FormatContext['sendDocument']>[1], type: string): Response {
    const contentType = type === 'text/html' ? 'text/html; charset=utf-8' : type;
    const headers = { vary: 'Accept', 'cache-control': 'max-age=0, must-revalidate' };
    return this.#context.sendDocument(c.req.raw, document, { contentType, headers });
  }

  async #download(c: Context<HttpEnv>, askedProject: string, fileName: string): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const { registry } = this.#context;
    const isMetadata = fileName.endsWith(METADATA_SUFFIX);
    const name = isMetadata ? fileName.slice(0, -METADATA_SUFFIX.length) : fileName;
    const file = await this.#file(repository, askedProject, name);
    if (file.packageStatus === 'quarantined') {
      throw new PackyardError('forbidden', `${file.package} is quarantined: its files are not offered`);
    }
    if (!isMetadata) return this.#context.sendFile(c.req.raw, repository, file, { downloadName: file.name });
    const { coreMetadataSha256 } = distributionMetadata(file);
    const missing = notFound(`${file.name} has no metadata apart from the file`);
    if (coreMetadataSha256 === undefined) throw missing;
    // A file's id never stands for other bytes, so this document has one revision for ever.
    const document = await registry.documents.get(`pypi:metadata:${file.id}`, 0, async () => {
      const content = await registry.sidecar(file, 'METADATA');
      if (!content) throw missing;
      return content;
    });
    return this.#context.sendDocument(c.req.raw, document, { contentType: 'text/plain; charset=utf-8' });
  }

  /** A file by its name; in another project's folder too, because artifactd looked at the name alone. */
  async #file(repository: Repository, askedProject: string, fileName: string): Promise<StoredFile> {
    const paths = [askedProject, parseFileName(fileName)?.name ?? ''].map((project) =>
      isProjectName(project) ? filePath(normalizeName(project), fileName) : undefined,
    );
    for (const path of new Set(paths)) {
      const file = path === undefined ? undefined : await this.#context.registry.fileAt(repository, path);
      if (file) return file;
    }
    throw notFound(`${repository.ref.name} has no such file`);
  }

  async #coreMetadata(file: StoredFile | undefined) {
    const name = sidecarName(file && distributionMetadata(file).fileType);
    const content = file && (await this.#context.registry.sidecar(file, name));
    return content && parseCoreMetadata(content, name);
  }

  #open(c: Context<HttpEnv>, action: Action): Promise<Repository> {
    const ref: RepositoryRef = { format: 'pypi', name: parseRepositoryName(parameter(c, 'repository')) };
    return this.#context.open(ref, c.var.principal, action);
  }
}

function actorOf(c: Context<HttpEnv>): Actor {
  return { name: c.var.principal.name, requestId: c.var.requestId, address: c.var.address };
}

function parameter(c: Context<HttpEnv>, name: string): string {
  return c.req.param(name) ?? '';
}

/** @throws PackyardError `not_found`: what cannot be a name is certainly not in the index */
function projectName(text: string): string {
  if (!isProjectName(text)) throw notFound('the index has no such project: this is not a project name');
  return normalizeName(text);
}

function unknownProject(name: string): PackyardError {
  return notFound(`the index has no project ${name}`);
}

function endsWithSlash(c: Context<HttpEnv>): boolean {
  return new URL(c.req.url).pathname.endsWith('/');
}

/** Relative to the address that was asked for, so that it holds behind any proxy. */
function redirect(c: Context<HttpEnv>, path: string): Response {
  return c.body(null, 301, { Location: path + new URL(c.req.url).search });
}
