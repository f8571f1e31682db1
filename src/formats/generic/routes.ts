import type { Context, Hono } from 'hono';
import { invalid, notFound, PackyardError } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { Action } from '../../model/principal.ts';
import { parseRepositoryName } from '../../model/repository-ref.ts';
import { type RenderedDocument, renderedDocument } from '../../registry/document-cache.ts';
import type { Actor, Repository, StoredFile } from '../../registry/model.ts';
import type { FormatContext, HttpEnv } from '../format.ts';
import { Browser, type ListingForm } from './browse.ts';
import { contentTypeOf } from './content-type.ts';
import { checksumLine } from './documents.ts';
import { errorResponse } from './errors.ts';
import { LATEST, parseAddress, pathOf, possibleTarPaths } from './parse.ts';
import { parsePreconditions, requireMatch } from './preconditions.ts';

type Request = Context<HttpEnv>;

const CHECKSUM = '.sha256';
const TEXT = 'text/plain; charset=utf-8';

/** Plain HTTP on `/<repository>/<package>/<version>/<file>`, with listings on the way there. */
export function mountRoutes(router: Hono<HttpEnv>, context: FormatContext): void {
  router.onError((error, c) => errorResponse(error, c.req.raw, c.var.requestId));

  router.get('/:repository', (c) => addSlash(c, 'repository'));
  router.get('/:repository/', async (c) => {
    const browser = new Browser(context.registry, await open(context, c, 'read'));
    const after = c.req.query('after') ?? '';
    if (after !== '') parseSegment(after, 'after');
    const document = await browser.packages(listingForm(c), isTar(c), after);
    return sendListing(context, c, document);
  });

  router.get('/:repository/:package/', async (c) => {
    const browser = new Browser(context.registry, await open(context, c, 'read'));
    const name = segment(c, 'package');
    const document = await browser.versions(name, listingForm(c), isTar(c));
    if (!document) throw notFound(`there is no package ${name} in this repository`);
    return sendListing(context, c, document);
  });

  router.get('/:repository/:package/:file', (c) => getByName(context, c));
  router.get('/:repository/:package', (c) => addSlash(c, 'package'));

  router.get('/:repository/:package/:version/', async (c) => {
    const browser = new Browser(context.registry, await open(context, c, 'read'));
    const name = segment(c, 'package');
    const version = segment(c, 'version');
    const document = await browser.files(name, version, listingForm(c));
    if (!document) throw notFound(`there is no version ${version} of ${name}`);
    return sendListing(context, c, document);
  });

  router.get('/:repository/:package/:version/:file', (c) => getFile(context, c));
  router.put('/:repository/:package/:version/:file', (c) => putFile(context, c));
  router.delete('/:repository/:package/:version/:file', (c) => deleteFiles(context, c, segment(c, 'file')));
  router.delete('/:repository/:package/:version/', (c) => deleteFiles(context, c));
  router.delete('/:repository/:package/:file', (c) => deleteByName(context, c));

  router.put('/*', () => {
    throw invalid('a file needs a package and a version', { hint: 'PUT …/PACKAGE/VERSION/FILE' });
  });
  router.all('/*', (c) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') throw notFound('there is nothing at this address');
    throw new PackyardError('method_not_allowed', `${c.req.method} is not possible here`, {
      details: { allow: 'GET, HEAD, PUT, DELETE' },
    });
  });
}

/** Without a version: a version without its slash, or a file by its name alone, as `/repo/tar/` has always linked them. */
async function getByName(context: FormatContext, c: Request): Promise<Response> {
  const repository = await open(context, c, 'read');
  const name = segment(c, 'package');
  const last = segment(c, 'file');
  const files = await context.registry.files(repository, name);
  const found = files.findLast((file) => file.name === last);
  if (found) return sendFile(context, c, repository, found);
  const version = await new Browser(context.registry, repository).resolve(name, last);
  if (files.some((file) => file.version === version)) return addSlash(c, 'file');
  const [named] = isTar(c) ? await findByTarName(context, repository, last) : [];
  if (named) return sendFile(context, c, repository, named);
  throw notFound(`there is no ${last} in ${name}`, { hint: 'files are at PACKAGE/VERSION/FILE' });
}

async function getFile(context: FormatContext, c: Request): Promise<Response> {
  const repository = await open(context, c, 'read');
  const { registry } = context;
  const name = segment(c, 'package');
  const asked = segment(c, 'version');
  const file = segment(c, 'file');
  const direct = await registry.fileAt(repository, pathOf({ package: name, version: asked, file }));
  if (direct) return sendFile(context, c, repository, direct);

  const browser = new Browser(registry, repository);
  const version = await browser.resolve(name, asked);
  const at = (fileName: string) =>
    version === undefined ? undefined : registry.fileAt(repository, pathOf({ package: name, version, file: fileName }));
  const moved = version === asked ? undefined : await at(file);
  if (moved) return sendFile(context, c, repository, moved);
  if (file === 'SHA256SUMS') {
    const sums = await browser.checksums(name, asked);
    if (sums) return context.sendDocument(c.req.raw, sums, { contentType: TEXT });
  }
  if (file.endsWith(CHECKSUM)) {
    const described = await at(file.slice(0, -CHECKSUM.length));
    if (described) {
      const line = new TextEncoder().encode(checksumLine(described.sha256.hex, described.name));
      return context.sendDocument(c.req.raw, renderedDocument(line), { contentType: TEXT });
    }
  }
  throw notFound(`there is no file ${file} in ${name} ${asked}`);
}

async function putFile(context: FormatContext, c: Request): Promise<Response> {
  const repository = await open(context, c, 'write');
  const address = parseAddress({
    package: segment(c, 'package'),
    version: segment(c, 'version'),
    file: segment(c, 'file'),
  });
  const conditions = parsePreconditions(c.req.raw.headers);
  // Looked at before the bytes travel, and not again: of two uploads at the same time that both match, both may go through.
  // Only where a repository lets files be replaced can that lose one; elsewhere the registry refuses the second.
  if (conditions.present) requireMatch(conditions.present, await context.registry.fileAt(repository, pathOf(address)));
  const staged = await context.receiveBody(c.req.raw);
  try {
    const { file, result } = await context.registry.publish({
      repository: repository.ref,
      repositoryId: repository.id,
      actor: actorOf(c),
      package: address.package,
      version: address.version,
      file: { name: address.file, path: pathOf(address), staged, metadata: {} },
      onlyIfAbsent: conditions.onlyIfAbsent,
    });
    c.header('ETag', `"${file.sha256.hex}"`);
    return c.json({ ok: true, result, sha256: file.sha256.hex, size: file.size }, result === 'created' ? 201 : 200);
  } finally {
    await staged.discard();
  }
}

/** Below `/repo/tar/`, artifactd looked at the file's name alone, whatever package the address named. */
async function findByTarName(context: FormatContext, repository: Repository, fileName: string): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for (const path of possibleTarPaths(fileName)) {
    const file = await context.registry.fileAt(repository, path);
    if (file) found.push(file);
  }
  return found;
}

/** Removes one file of a version, or all of them. */
async function deleteFiles(context: FormatContext, c: Request, fileName?: string): Promise<Response> {
  const repository = await open(context, c, 'delete');
  const [name, version] = [segment(c, 'package'), segment(c, 'version')];
  if (version === LATEST)
    throw invalid('say which version to delete', { hint: `${LATEST} moves; the listing shows the versions` });
  const files = await context.registry.files(repository, name, version);
  const chosen = fileName === undefined ? files : files.filter((file) => file.name === fileName);
  return remove(context, c, repository, chosen);
}

/** `DELETE /repo/tar/<repository>/<package>/<file>`, as artifactd had it: only where it is clear which file that is. */
async function deleteByName(context: FormatContext, c: Request): Promise<Response> {
  const repository = await open(context, c, 'delete');
  const [name, fileName] = [segment(c, 'package'), segment(c, 'file')];
  if (!isTar(c)) throw invalid('say which version to delete from', { hint: 'DELETE …/PACKAGE/VERSION/FILE' });
  const files = (await context.registry.files(repository, name)).filter((file) => file.name === fileName);
  const named = files.length > 0 ? files : await findByTarName(context, repository, fileName);
  if (named.length > 1) {
    const versions = named.map((file) => `${file.package}/${file.version}`);
    const some = [...versions.slice(0, 5), ...(versions.length > 5 ? ['…'] : [])].join(', ');
    throw new PackyardError('conflict', `more than one version has a file ${fileName}: ${some}`, {
      hint: 'DELETE …/PACKAGE/VERSION/FILE removes it from one of them',
    });
  }
  return remove(context, c, repository, named);
}

async function remove(context: FormatContext, c: Request, repository: Repository, files: readonly StoredFile[]) {
  const removed = files.length > 0 ? await context.registry.remove(repository, files, actorOf(c)) : 0;
  if (removed === 0) throw notFound('there is no such file');
  return c.text('OK');
}

function sendFile(context: FormatContext, c: Request, repository: Repository, file: StoredFile): Promise<Response> {
  const options = { contentType: contentTypeOf(file.name), downloadName: file.name };
  return context.sendFile(c.req.raw, repository, file, options);
}

function open(context: FormatContext, c: Request, action: Action): Promise<Repository> {
  const name = parseRepositoryName(c.req.param('repository') ?? '');
  return context.open({ format: 'generic', name }, c.var.principal, action);
}

function segment(c: Request, name: 'package' | 'version' | 'file'): string {
  return parseSegment(c.req.param(name) ?? '', name === 'package' ? 'package name' : name);
}

function actorOf(c: Request): Actor {
  return { name: c.var.principal.name, requestId: c.var.requestId, address: c.var.address };
}

function isTar(c: Request): boolean {
  return c.req.path.startsWith('/repo/tar/');
}

function listingForm(c: Request): ListingForm {
  const asked = c.req.query('format');
  if (asked === 'json' || asked === 'html') return asked;
  return c.req.header('accept')?.includes('application/json') ? 'json' : 'html';
}

function sendListing(context: FormatContext, c: Request, document: RenderedDocument): Response {
  const contentType = listingForm(c) === 'json' ? 'application/json' : 'text/html; charset=utf-8';
  return context.sendDocument(c.req.raw, document, { contentType, headers: { vary: 'accept' } });
}

/** To the same address with a slash at the end; relative, for servers behind a proxy under a prefix. */
function addSlash(c: Request, last: 'repository' | 'package' | 'file'): Response {
  const { search } = new URL(c.req.url);
  return c.redirect(`./${encodeURIComponent(c.req.param(last) ?? '')}/${search}`, 301);
}
