import type { Context, Hono } from 'hono';
import { notFound, PackyardError } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { Action } from '../../model/principal.ts';
import { parseRepositoryName } from '../../model/repository-ref.ts';
import { renderedDocument } from '../../registry/document-cache.ts';
import { type IndexDocument, textDocument } from '../../registry/indexes/generation.ts';
import type { CurrentIndex } from '../../registry/indexes/indexes.ts';
import type { Actor, PendingOutcome, PublishOutcome, Repository } from '../../registry/model.ts';
import type { FormatContext, HttpEnv } from '../format.ts';
import { errorResponse } from './errors.ts';
import { indexPlan } from './index-plan.ts';
import { type Link, linkPage } from './pages.ts';
import { parseComponent, parseDistribution, receive } from './receive.ts';
import { installScript, type Setup, sourcesFile } from './setup.ts';
import { isDistribution } from './version.ts';

type Request = Context<HttpEnv>;

const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const KEYS = 'application/pgp-keys';
const PACKAGE = 'application/vnd.debian.binary-package';
const BY_HASH = /^(?:.*\/)?by-hash\/SHA256\/([0-9a-f]{64})$/;
const TYPES: readonly (readonly [ending: string, type: string])[] = [
  ['.gz', 'application/gzip'],
  ['.zst', 'application/zstd'],
];

/** The layout that apt reads, as artifactd had it: `dists/…` for the indices, `packages/…` for the files, `pubkey`. */
export function mountRoutes(router: Hono<HttpEnv>, context: FormatContext): void {
  const routes = new AptRoutes(context);
  router.onError((error, c) => errorResponse(error, c.req.raw, c.var.requestId));

  router.get('/:repository', (c) => routes.addSlash(c));
  router.get('/:repository/', (c) => routes.home(c));
  router.get('/:repository/pubkey', (c) => routes.key(c, 'armored'));
  router.get('/:repository/key.asc', (c) => routes.key(c, 'armored'));
  router.get('/:repository/key.gpg', (c) => routes.key(c, 'binary'));
  router.get('/:repository/:sources{[^/]+\\.sources}', (c) => routes.sources(c));

  router.get('/:repository/dists/', (c) => routes.home(c));
  router.get('/:repository/dists/:sources{[^/]+\\.sources}', (c) => routes.sources(c));
  router.get('/:repository/dists/:dist', (c) => routes.addSlash(c));
  router.get('/:repository/dists/:dist/', (c) => routes.distribution(c));
  router.get('/:repository/dists/:dist/install', (c) => routes.install(c));
  router.get('/:repository/dists/:dist/Release.gpg', (c) => routes.signature(c));
  router.get('/:repository/dists/:dist/:path{.+}', (c) => routes.document(c));

  router.get('/:repository/packages/:path{.+}', (c) => routes.file(c));
  router.delete('/:repository/packages/:path{.+}', (c) => routes.remove(c));

  router.put('/:repository/pool/:dist/:component/:file', (c) => routes.put(c));
  router.put('/:repository/incoming/:file', (c) => routes.put(c));
  router.put('/:repository/incoming/:dist/:file', (c) => routes.put(c));
  router.put('/:repository/*', () => {
    throw notFound('packages are not put here', {
      hint: 'PUT …/pool/DISTRIBUTION/COMPONENT/FILE publishes; PUT …/incoming/FILE waits for a .changes file',
    });
  });
  router.all('/*', (c) => {
    if (c.req.method === 'GET') throw notFound('there is nothing at this address');
    throw new PackyardError('method_not_allowed', `${c.req.method} is not possible here`, {
      details: { allow: 'GET, HEAD, PUT, DELETE' },
    });
  });
}

class AptRoutes {
  readonly #context: FormatContext;

  constructor(context: FormatContext) {
    this.#context = context;
  }

  /** artifactd's start page: the key, and each distribution with what it has. */
  async home(c: Request): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const names = await this.#context.registry.indexes.names(repository, indexPlan(repository.ref.name));
    const up = c.req.path.endsWith('/dists/') ? '../' : '';
    const links = names.flatMap((name) => [
      { text: name, href: `${up}dists/${name}/` },
      { text: `${name}: Release`, href: `${up}dists/${name}/Release` },
      { text: `${name}: install`, href: `${up}dists/${name}/install` },
      { text: `${name}.sources`, href: `${up}${name}.sources` },
    ]);
    return this.#page(c, repository.ref.name, [{ text: 'pubkey', href: `${up}pubkey` }, ...links]);
  }

  async distribution(c: Request): Promise<Response> {
    const { index, name, repository } = await this.#index(c);
    const paths = ['InRelease', 'Release', 'Release.gpg', 'install', ...index.documents.keys()];
    return this.#page(
      c,
      `${repository.ref.name}: ${name}`,
      paths.map((path) => ({ text: path, href: path })),
    );
  }

  async key(c: Request, form: 'armored' | 'binary'): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const signer = await this.#context.registry.signingKeys.signer(repository);
    const document = renderedDocument(await signer.publicKeys(form));
    const contentType = form === 'armored' ? TEXT : KEYS;
    return this.#context.sendDocument(c.req.raw, document, { contentType });
  }

  async sources(c: Request): Promise<Response> {
    const name = (c.req.param('sources') ?? '').replace(/\.sources$/, '');
    const setup = await this.#setup(c, name);
    return this.#text(c, sourcesFile(setup), TEXT);
  }

  async install(c: Request): Promise<Response> {
    const setup = await this.#setup(c, c.req.param('dist') ?? '');
    return this.#text(c, installScript(setup), 'text/x-shellscript; charset=utf-8');
  }

  async signature(c: Request): Promise<Response> {
    const { index, repository } = await this.#index(c);
    const { generation } = index;
    const signature = await generation.derive('Release.gpg', async () => {
      const signer = await this.#context.registry.signingKeys.signer(repository);
      return signer.signDetached(generation.root.sealed.Release ?? '', generation.madeAt);
    });
    return this.#send(c, textDocument('Release.gpg', signature), generation.root.stamp);
  }

  async document(c: Request): Promise<Response> {
    const path = c.req.param('path') ?? '';
    const [, digest] = BY_HASH.exec(path) ?? [];
    if (digest !== undefined) return this.#byHash(c, digest);
    const { index } = await this.#index(c);
    const { sealed, stamp } = index.generation.root;
    const text = Object.hasOwn(sealed, path) ? sealed[path] : undefined;
    const document = text === undefined ? index.documents.get(path) : textDocument(path, text);
    if (!document) throw notFound('the distribution has no such document');
    return this.#send(c, document, stamp);
  }

  async #byHash(c: Request, digest: string): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const name = distributionName(c.req.param('dist') ?? '');
    const plan = indexPlan(repository.ref.name);
    const document = await this.#context.registry.indexes.withDigest(repository, name, plan, digest);
    if (!document)
      throw notFound('no present or recent document has this digest', { hint: 'run apt-get update again' });
    return this.#context.sendIndexDocument(c.req.raw, document, {
      contentType: contentTypeOf(document.path),
      immutable: true,
    });
  }

  async file(c: Request): Promise<Response> {
    const repository = await this.#open(c, 'read');
    const file = await this.#context.registry.fileAt(repository, filePath(c));
    if (!file) throw notFound('the repository has no such file');
    const contentType = /\.[ud]?deb$/.test(file.name) ? PACKAGE : 'application/octet-stream';
    return this.#context.sendFile(c.req.raw, repository, file, { contentType, downloadName: file.name });
  }

  async remove(c: Request): Promise<Response> {
    const repository = await this.#open(c, 'delete');
    const file = await this.#context.registry.fileAt(repository, filePath(c));
    const removed = file ? await this.#context.registry.remove(repository, [file], actorOf(c)) : 0;
    if (removed === 0) throw notFound('the repository has no such file');
    return c.text('OK');
  }

  /** One file as the body: published at once in the pool; parts of a source package wait, and so does all in `incoming`. */
  async put(c: Request): Promise<Response> {
    const repository = await this.#open(c, 'write');
    const fileName = parseSegment(c.req.param('file') ?? '', 'file name');
    const dist = c.req.param('dist');
    const fields = new Map<string, readonly string[]>();
    if (dist !== undefined) fields.set('dist', [parseDistribution(dist)]);
    const component = c.req.param('component');
    if (component !== undefined) fields.set('component', [parseComponent(component)]);
    const staged = await this.#context.receiveBody(c.req.raw, { digests: ['md5'] });
    const upload = {
      provider: 'apt',
      repository: repository.ref,
      repositoryId: repository.id,
      principal: c.var.principal,
      actor: actorOf(c),
      staged,
      fileName,
      fields,
    };
    try {
      if (component === undefined && !fileName.endsWith('.changes')) {
        const { id: repositoryId, ref } = repository;
        const name = fileName;
        await this.#context.registry.keepPending({ repository: ref, repositoryId, actor: upload.actor, name, staged });
        return c.json({ ok: true, result: 'pending', sha256: staged.sha256.hex, size: staged.size }, 202);
      }
      return answer(c, await receive(upload, this.#context));
    } finally {
      await staged.discard();
    }
  }

  addSlash(c: Request): Response {
    const { pathname, search } = new URL(c.req.url);
    return c.redirect(`./${pathname.slice(pathname.lastIndexOf('/') + 1)}/${search}`, 301);
  }

  async #index(c: Request) {
    const name = distributionName(c.req.param('dist') ?? '');
    const repository = await this.#open(c, 'read');
    return { repository, name, index: await this.#current(repository, name) };
  }

  async #current(repository: Repository, name: string): Promise<CurrentIndex> {
    const plan = indexPlan(repository.ref.name);
    const index = await this.#context.registry.indexes.current(repository, name, plan);
    if (!index) throw noDistribution(name);
    return index;
  }

  async #setup(c: Request, asked: string): Promise<Setup> {
    const distribution = distributionName(asked);
    const repository = await this.#open(c, 'read');
    const index = await this.#current(repository, distribution);
    const signer = await this.#context.registry.signingKeys.signer(repository);
    const { name } = repository.ref;
    return {
      repository: name,
      distribution,
      url: `${this.#context.publicUrl(c.req.raw)}/repo/apt/${name}`,
      components: [...new Set(index.generation.root.documents.map(({ path }) => path.slice(0, path.indexOf('/'))))],
      keys: Buffer.from(await signer.publicKeys('armored')).toString(),
    };
  }

  #send(c: Request, document: IndexDocument, stamp: number): Promise<Response> {
    const options = { contentType: contentTypeOf(document.path), lastModified: stamp };
    return this.#context.sendIndexDocument(c.req.raw, document, options);
  }

  #page(c: Request, title: string, links: readonly Link[]): Response {
    return this.#text(c, linkPage(title, links), HTML);
  }

  #text(c: Request, text: string, contentType: string): Response {
    return this.#context.sendDocument(c.req.raw, renderedDocument(new TextEncoder().encode(text)), { contentType });
  }

  #open(c: Request, action: Action): Promise<Repository> {
    const name = parseRepositoryName(c.req.param('repository') ?? '');
    return this.#context.open({ format: 'apt', name }, c.var.principal, action);
  }
}

function answer(c: Request, outcome: PublishOutcome | PendingOutcome): Response {
  if (outcome.result === 'pending') {
    const { result, sha256, size } = outcome;
    return c.json({ ok: true, result, sha256: sha256.hex, size }, 202);
  }
  const { file, result } = outcome;
  const status = result === 'created' ? 201 : 200;
  return c.json({ ok: true, result, path: file.path, sha256: file.sha256.hex, size: file.size }, status);
}

function filePath(c: Request): string {
  return `packages/${c.req.param('path') ?? ''}`;
}

/** @throws PackyardError `not_found`: what cannot be a name is certainly not there */
function distributionName(text: string): string {
  if (!isDistribution(text)) throw noDistribution(text);
  return text;
}

function noDistribution(name: string): PackyardError {
  return notFound(`there is no distribution ${JSON.stringify(name)} in this repository`, {
    hint: 'the first package that is published in it makes one',
  });
}

function contentTypeOf(path: string): string {
  return TYPES.find(([ending]) => path.endsWith(ending))?.[1] ?? TEXT;
}

function actorOf(c: Request): Actor {
  return { name: c.var.principal.name, requestId: c.var.requestId, address: c.var.address };
}
