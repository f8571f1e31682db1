import type { Context } from 'hono';
import type { Action } from '../../model/principal.ts';
import type { Actor, Repository } from '../../registry/model.ts';
import type { BlobTarget } from '../../registry/package-blobs.ts';
import type { FormatContext, HttpEnv } from '../format.ts';
import type { ImageName } from './version.ts';

export type Request = Context<HttpEnv>;

/** Opens an image's repository for the caller of this request, as far as its rights reach. */
export function openImage(context: FormatContext, c: Request, image: ImageName, action: Action): Promise<Repository> {
  const { within } = image;
  return context.open(image.repository, c.var.principal, action, { within, evenEmpty: true });
}

export function targetOf(c: Request, image: ImageName, repository: Repository): BlobTarget {
  return { repository: repository.ref, repositoryId: repository.id, package: image.name, actor: actorOf(c) };
}

export function actorOf(c: Request): Actor {
  return { name: c.var.principal.name, requestId: c.var.requestId, address: c.var.address };
}

/** The address of something of an image, as a path: the server may stand behind any proxy. */
export function placeOf(image: ImageName, rest: string): string {
  return `/v2/${image.name}/${rest}`;
}
