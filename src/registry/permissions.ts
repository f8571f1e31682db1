import { PackyardError } from '../model/errors.ts';
import { matchesGlob } from '../model/glob.ts';
import type { Action, Principal, Scope } from '../model/principal.ts';
import { formatRepositoryRef, type RepositoryRef } from '../model/repository-ref.ts';
import type { Visibility } from './model.ts';

/** What callers without credentials may do where a repository's visibility is `default`. */
export type AnonymousMode = 'none' | 'read' | 'write';

/** What decides whether somebody may do something there. */
export interface Guarded {
  readonly ref: RepositoryRef;
  readonly visibility: Visibility;
  /** What in the repository is asked for, e.g. `oci/team/app` in `oci/team`: a scope's glob may name it. */
  readonly within?: string;
}

/** The one place that decides who may do what. Rights follow the identity, never what a request asks for. */
export class Permissions {
  readonly #anonymous: AnonymousMode;

  constructor(anonymous: AnonymousMode) {
    this.#anonymous = anonymous;
  }

  allows(principal: Principal, action: Action, repository: Guarded): boolean {
    if (this.#allowsEverybody(action, repository.visibility)) return true;
    const names = [
      formatRepositoryRef(repository.ref),
      ...(repository.within === undefined ? [] : [repository.within]),
    ];
    return principal.scopes.some(
      (scope) => grants(scope, action) && names.some((name) => matchesGlob(scope.repository, name)),
    );
  }

  /** @throws PackyardError `unauthenticated` without credentials, `forbidden` with ones that do not reach so far */
  require(principal: Principal, action: Action, repository: Guarded): void {
    if (this.allows(principal, action, repository)) return;
    throw refusal(principal, `${action} ${repository.within ?? formatRepositoryRef(repository.ref)}`);
  }

  /** Before anything is known of where it goes: refuses who may write nowhere. */
  requireAnyWrite(principal: Principal): void {
    if (this.#anonymous === 'write' || principal.scopes.some((scope) => grants(scope, 'write'))) return;
    throw refusal(principal, 'upload');
  }

  /** For what concerns the whole server: tokens, the audit log. */
  requireServerAdmin(principal: Principal): void {
    if (!isServerAdmin(principal)) throw refusal(principal, 'administer this server');
  }

  /** Whether callers without credentials may look at anything at all. */
  get anonymousMayRead(): boolean {
    return this.#anonymous !== 'none';
  }

  #allowsEverybody(action: Action, visibility: Visibility): boolean {
    if (visibility === 'private') return false;
    if (action === 'read') return visibility === 'public' || this.#anonymous !== 'none';
    return action === 'write' && this.#anonymous === 'write';
  }
}

export function isServerAdmin(principal: Principal): boolean {
  return principal.scopes.some((scope) => ['*', '*/*'].includes(scope.repository) && scope.actions.includes('admin'));
}

function grants(scope: Scope, action: Action): boolean {
  return scope.actions.includes(action) || scope.actions.includes('admin');
}

function refusal(principal: Principal, what: string): PackyardError {
  return principal.kind === 'anonymous'
    ? new PackyardError('unauthenticated', `log in to ${what}`, {
        hint: 'send a token as the password of Basic authentication (any user name), or as Bearer token',
      })
    : new PackyardError('forbidden', `the token of ${principal.name} does not allow to ${what}`, {
        hint: 'an administrator can make one that does: packyard token create --scope …',
      });
}
