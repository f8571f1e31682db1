import type { Hono } from 'hono';
import { PackyardError } from '../../model/errors.ts';
import type { PackageBlob, ServedFile } from '../../registry/model.ts';
import type { FormatContext, HttpEnv, SendFileOptions } from '../format.ts';
import { type Address, parseAddress } from './address.ts';
import { referrersDocument } from './documents.ts';
import { API_VERSION, errorResponse, rangeSoFar } from './errors.ts';
import { type Listed, listCatalog, listImages, listReferrers, listTags } from './lists.ts';
import { deleteManifest, findManifest, pushManifest, unknownManifest } from './manifests.ts';
import { OCI_INDEX } from './parse.ts';
import { actorOf, openImage, placeOf, type Request } from './request.ts';
import { challengeOf, scopeOf, tokenByForm, tokenByHeader } from './token.ts';
import { beginUpload, cancelUpload, continueUpload, finishUpload, type UploadState, uploadState } from './uploads.ts';
import { type ImageName, isDigest, parseDigest, parseName } from './version.ts';

type Answer = Response | Promise<Response>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Handlers<Kind extends Address['kind']> = Partial<
  Record<Method, (context: FormatContext, c: Request, address: Extract<Address, { kind: Kind }>) => Answer>
>;

/** Bytes under a digest never change. */
const FOR_EVER = 'max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

/** The distribution spec's endpoints: https://github.com/opencontainers/distribution-spec, 1.1 and what is to be 1.2. */
const ENDPOINTS: { readonly [Kind in Address['kind']]: Handlers<Kind> } = {
  base: { GET: answerBase },
  extensions: { GET: () => json({ extensions: [] }) },
  catalog: {
    GET: async (context, c) => page(await listCatalog(context, c), '/v2/_catalog'),
  },
  tags: {
    GET: async (context, c, { image }) => page(await listTags(context, c, image), placeOf(image, 'tags/list')),
  },
  referrers: { GET: (context, c, { image, reference }) => getReferrers(context, c, image, reference) },
  manifest: {
    GET: (context, c, { image, reference }) => getManifest(context, c, image, reference),
    PUT: (context, c, { image, reference }) => putManifest(context, c, image, reference),
    DELETE: async (context, c, { image, reference }) => {
      await deleteManifest(context, c, image, reference);
      return empty(202);
    },
  },
  blob: {
    GET: (context, c, { image, reference }) => getBlob(context, c, image, reference),
    DELETE: (context, c, { image, reference }) => deleteBlob(context, c, image, reference),
  },
  uploads: {
    POST: async (context, c, { image }) => {
      const outcome = await beginUpload(context, c, image);
      return 'stored' in outcome ? stored(image, outcome.stored.toString()) : state(202, outcome.session);
    },
  },
  upload: {
    GET: async (context, c, { image, reference }) => state(204, await uploadState(context, c, image, reference)),
    PATCH: async (context, c, { image, reference }) => state(202, await continueUpload(context, c, image, reference)),
    PUT: async (context, c, { image, reference }) =>
      stored(image, (await finishUpload(context, c, image, reference)).toString()),
    DELETE: async (context, c, { image, reference }) => {
      await cancelUpload(context, c, image, reference);
      return empty(204);
    },
  },
};

/** `/v2/…` and the token endpoint that its challenges name. */
export function mountRootRoutes(router: Hono<HttpEnv>, context: FormatContext): void {
  router.onError((error, c) => errorResponse(error, c.env.requestId, challengeFor(context, c, error)));
  router.get('/token', async (c) => json(await tokenByHeader(context, c)));
  router.post('/token', async (c) => json(await tokenByForm(context, c)));
  router.all('/token', (c) => refuseMethod(c, ['GET', 'POST']));
  router.all('/*', (c) => answer(context, c));
}

/** `/repo/oci/<repository>/<path>`: what the pages link to. */
export function mountRoutes(router: Hono<HttpEnv>, context: FormatContext): void {
  router.onError((error, c) => errorResponse(error, c.env.requestId, challengeFor(context, c, error)));
  router.get('/:repository/', async (c) => json(await listImages(context, c, c.req.param('repository'))));
  router.get('/:repository/*', (c) => {
    const { pathname } = new URL(c.req.url);
    const [, , , , ...rest] = pathname.split('/');
    return answer(context, c, `/v2/${rest.join('/')}`);
  });
  router.all('/*', (c) => refuseMethod(c, ['GET']));
}

function answer(context: FormatContext, c: Request, path = new URL(c.req.url).pathname): Answer {
  const address = parseAddress(path);
  const handlers = ENDPOINTS[address.kind] as Handlers<Address['kind']>;
  const handler = Object.hasOwn(handlers, c.req.method) ? handlers[c.req.method as Method] : undefined;
  if (!handler) return refuseMethod(c, Object.keys(handlers));
  return handler(context, c, address as never);
}

function refuseMethod(c: Request, allowed: readonly string[]): never {
  const allow = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  throw new PackyardError('method_not_allowed', `${c.req.method} is not possible here`, { details: { allow } });
}

/**
 * Clients choose by this one answer how they log in. So whoever sends no credentials is challenged, also where everybody may
 * read: they then ask for an anonymous token, and for a better one when they want to write.
 */
function answerBase(context: FormatContext, c: Request): Response {
  const isOpen = context.allows(c.var.principal, 'write', { ref: { format: 'oci', name: '' }, visibility: 'default' });
  if (c.var.principal.kind === 'anonymous' && !hasToken(c) && !isOpen)
    throw new PackyardError('unauthenticated', 'ask for a token first', {
      hint: 'an anonymous one is given to everybody; docker login gets one with your rights',
    });
  return json({});
}

function hasToken(c: Request): boolean {
  return /^\s*bearer\s/i.test(c.req.header('authorization') ?? '');
}

async function getManifest(context: FormatContext, c: Request, image: ImageName, reference: string): Promise<Response> {
  const repository = await openImage(context, c, image, 'read');
  const { file, digest } = await findManifest(context, repository, image, reference);
  const { mediaType } = file.metadata;
  if (typeof mediaType !== 'string') throw unknownManifest(image, reference);
  const options = sending(digest, mediaType, isDigest(reference));
  // Clients take the digest of a tag from the header.
  return context.sendFile(c.req.raw, repository, file, { ...options, needsLength: true, neverRedirect: true });
}

async function putManifest(context: FormatContext, c: Request, image: ImageName, reference: string): Promise<Response> {
  const { digest, subject, tags } = await pushManifest(context, c, image, reference);
  const headers: Record<string, string> = {
    location: placeOf(image, `manifests/${digest}`),
    'docker-content-digest': digest,
  };
  if (subject !== undefined) headers['oci-subject'] = subject;
  if (tags.length > 0) headers['oci-tag'] = tags.join(', ');
  return empty(201, headers);
}

async function getBlob(context: FormatContext, c: Request, image: ImageName, reference: string): Promise<Response> {
  const digest = parseDigest(reference).toString();
  const repository = await openImage(context, c, image, 'read');
  const blob = await context.registry.blob(repository, image.name, digest);
  if (!blob) throw unknownBlob(image, digest);
  return context.sendFile(c.req.raw, repository, served(blob), sending(digest, 'application/octet-stream', true));
}

async function deleteBlob(context: FormatContext, c: Request, image: ImageName, reference: string): Promise<Response> {
  const digest = parseDigest(reference).toString();
  const repository = await openImage(context, c, image, 'delete');
  if (!(await context.registry.removeBlob(repository, image.name, digest, actorOf(c))))
    throw unknownBlob(image, digest);
  return empty(202);
}

async function getReferrers(
  context: FormatContext,
  c: Request,
  image: ImageName,
  reference: string,
): Promise<Response> {
  const { manifests, filtered, last } = await listReferrers(context, c, image, reference);
  const headers: Record<string, string> = { ...API_VERSION, 'content-type': OCI_INDEX };
  if (filtered) headers['oci-filters-applied'] = 'artifactType';
  if (last !== undefined) {
    const artifactType = c.req.query('artifactType');
    const query = new URLSearchParams({ ...(artifactType ? { artifactType } : {}), last });
    headers.link = nextLink(placeOf(image, `referrers/${reference}`), query);
  }
  return new Response(referrersDocument(manifests), { headers });
}

function served(blob: PackageBlob): ServedFile {
  return blob;
}

/** What the protocol wants beside the bytes. */
function sending(digest: string, contentType: string, isForEver: boolean): SendFileOptions {
  return {
    contentType,
    etag: digest,
    headers: {
      ...API_VERSION,
      'docker-content-digest': digest,
      'cache-control': isForEver ? FOR_EVER : ASK_EACH_TIME,
    },
  };
}

function stored(image: ImageName, digest: string): Response {
  return empty(201, { location: placeOf(image, `blobs/${digest}`), 'docker-content-digest': digest });
}

function state(status: number, { id, location, size }: UploadState): Response {
  return empty(status, { location, range: rangeSoFar(size), 'docker-upload-uuid': id });
}

function page<Document>({ document, last, size }: Listed<Document>, place: string): Response {
  if (last === undefined) return json(document);
  return json(document, { link: nextLink(place, new URLSearchParams({ n: String(size), last })) });
}

function nextLink(place: string, query: URLSearchParams): string {
  return `<${place}?${query}>; rel="next"`;
}

function json(document: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(document, { headers: { ...API_VERSION, 'cache-control': 'no-store', ...headers } });
}

function empty(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...API_VERSION, ...headers } });
}

function unknownBlob(image: ImageName, digest: string): PackyardError {
  return new PackyardError('not_found', `${image.name} has no blob ${digest}`, { details: { oci: 'BLOB_UNKNOWN' } });
}

/** Where a token is to be had, and for what: both repositories of a mount. */
function challengeFor(context: FormatContext, c: Request, error: unknown): string {
  if (!(error instanceof PackyardError) || error.code !== 'unauthenticated') return '';
  const url = context.publicUrl(c.req.raw);
  // A token that is good, but nobody's: a better one may do.
  const isAnonymous = c.var.principal?.kind === 'anonymous' && hasToken(c);
  return challengeOf({
    realm: `${url}/token`,
    service: new URL(url).host,
    scopes: scopesFor(c),
    error: isAnonymous ? 'insufficient_scope' : undefined,
  });
}

function scopesFor(c: Request): readonly string[] {
  try {
    const address = parseAddress(new URL(c.req.url).pathname);
    if (address.kind === 'catalog') return ['registry:catalog:*'];
    if (!('image' in address)) return [];
    const from = c.req.query('from') || undefined;
    return [
      scopeOf(address.image.name, c.req.method),
      ...(from === undefined ? [] : [scopeOf(parseName(from).name, 'GET')]),
    ];
  } catch {
    return [];
  }
}
