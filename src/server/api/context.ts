import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Format, HttpEnv } from '../../formats/format.ts';
import type { Access } from '../../registry/access.ts';
import type { Permissions } from '../../registry/permissions.ts';
import type { Registry } from '../../registry/registry.ts';

/** What the JSON API works on. */
export interface ApiContext {
  readonly registry: Registry;
  readonly access: Access;
  readonly permissions: Permissions;
  readonly formats: readonly Format[];
  /** Finds a format by its id or by an older name of it. */
  format(id: string): Format | undefined;
}

export type Api = OpenAPIHono<HttpEnv>;
