import type { MiddlewareHandler } from 'hono';
import type { Format, HttpEnv } from '../formats/format.ts';
import type { Permissions } from '../registry/permissions.ts';
import type { Registry } from '../registry/registry.ts';

/** What the pages are made from. */
export interface WebContext {
  readonly registry: Registry;
  readonly permissions: Permissions;
  readonly formats: readonly Format[];
  /** The server's address as this client sees it, without a slash at the end. */
  publicUrl(request: Request): string;
  /** Finds out who asks. With it, the pages can be mounted before the formats, and a refused log-in is a page too. */
  readonly authenticate?: MiddlewareHandler<HttpEnv>;
}
