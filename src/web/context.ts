import type { Format } from '../formats/format.ts';
import type { Permissions } from '../registry/permissions.ts';
import type { Registry } from '../registry/registry.ts';

/** What the pages are made from. */
export interface WebContext {
  readonly registry: Registry;
  readonly permissions: Permissions;
  readonly formats: readonly Format[];
  /** The server's address as this client sees it, without a slash at the end. */
  publicUrl(request: Request): string;
}
