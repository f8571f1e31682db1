import { matchesGlob } from '../../model/glob.ts';
import type { Action, Scope } from '../../model/principal.ts';

/**
 * Whether every right in `wanted` is contained in one of `held`. Errs on the side of no: globs that would have to be
 * put together from several held ones do not count.
 */
export function scopesCover(held: readonly Scope[], wanted: Scope): boolean {
  return wanted.actions.every((action) =>
    held.some(
      (scope) => includesAction(scope, action) && globCovers(normal(scope.repository), normal(wanted.repository)),
    ),
  );
}

function includesAction(scope: Scope, action: Action): boolean {
  return scope.actions.includes(action) || scope.actions.includes('admin');
}

/** Every repository has a format, so these two mean the same. */
function normal(glob: string): string {
  return glob === '*' ? '*/*' : glob;
}

/**
 * Reading the narrow glob as plain text is right where a `*` of the wide one takes in its wildcards. A `?` of the
 * wide one would take its `*` for one character, so then only the same glob counts.
 */
function globCovers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  if (wide.includes('?') && narrow.includes('*')) return false;
  return matchesGlob(wide, narrow);
}
