import type { Database } from '../database/database.ts';
import { insertEvent } from '../database/queries/events.ts';
import type { Queryable } from '../database/tables.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import { formatRepositoryRef } from '../model/repository-ref.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Actor, JsonObject } from './model.ts';
import type { ReadCache } from './read-cache.ts';

/** What the domain's functions work with. */
export interface RegistryContext {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly cache: ReadCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long what is deleted can be brought back, in milliseconds. */
  readonly grace: number;
  /** Whether a repository that an upload makes stays in view when it is empty. */
  readonly keepEmpty: boolean;
  /** Whether versions of this format name each other, and aliases end with the version that they point at: images. */
  readonly linksVersions: (format: string) => boolean;
  /** Which of a package's versions clients of this format can get without asking for one. */
  readonly newestVersions: (
    format: string,
    versions: readonly { readonly version: string; readonly yanked: boolean }[],
  ) => ReadonlySet<string>;
}

/** Writes one line of the audit log, in the transaction of the change that it tells of. */
export async function recordEvent(
  trx: Queryable,
  event: {
    readonly action: string;
    readonly actor: Actor;
    readonly at: number;
    readonly repository?: RepositoryRef;
    readonly subject?: string;
    readonly detail?: JsonObject;
  },
): Promise<void> {
  await insertEvent(trx, {
    at: event.at,
    actor: event.actor.name,
    action: event.action,
    repository: event.repository ? formatRepositoryRef(event.repository) : null,
    subject: event.subject ?? null,
    detail_json: JSON.stringify(event.detail ?? {}),
    request_id: event.actor.requestId ?? null,
    address: event.actor.address ?? null,
  });
}
