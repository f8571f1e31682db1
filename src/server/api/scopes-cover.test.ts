import { describe, expect, test } from 'bun:test';
import { array, assert, constantFrom, property } from 'fast-check';
import { matchesGlob } from '../../model/glob.ts';
import type { Action } from '../../model/principal.ts';
import { scopesCover } from './scopes-cover.ts';

const scope = (repository: string, ...actions: Action[]) => ({ repository, actions });

describe('the rights of a new token', () => {
  test('may be the same or fewer', () => {
    const held = [scope('pypi/*', 'read', 'write')];
    expect(scopesCover(held, scope('pypi/*', 'read'))).toBe(true);
    expect(scopesCover(held, scope('pypi/tools', 'read', 'write'))).toBe(true);
    expect(scopesCover(held, scope('pypi/t?ols-*', 'write'))).toBe(true);
  });

  test('may not be more', () => {
    const held = [scope('pypi/*', 'read', 'write')];
    expect(scopesCover(held, scope('pypi/*', 'delete'))).toBe(false);
    expect(scopesCover(held, scope('*', 'read'))).toBe(false);
    expect(scopesCover(held, scope('*/tools', 'read'))).toBe(false);
    expect(scopesCover([scope('pypi/a?', 'read')], scope('pypi/a*', 'read'))).toBe(false);
    expect(scopesCover([], scope('pypi/tools', 'read'))).toBe(false);
  });

  test('admin includes every action, and the two ways to write all repositories are one', () => {
    expect(scopesCover([scope('*', 'admin')], scope('*', 'delete', 'promote'))).toBe(true);
    expect(scopesCover([scope('*/*', 'admin')], scope('*', 'admin'))).toBe(true);
  });

  test('never reach a repository that the held ones do not', () => {
    const text = (...letters: string[]) => array(constantFrom(...letters), { maxLength: 5 }).map((all) => all.join(''));
    const glob = text('a', 'b', '*', '?').map((rest) => `f/${rest}`);
    const name = text('a', 'b').map((rest) => `f/${rest}`);
    assert(
      property(glob, glob, name, (held, wanted, repository) => {
        if (!scopesCover([scope(held, 'read')], scope(wanted, 'read'))) return true;
        return !matchesGlob(wanted, repository) || matchesGlob(held, repository);
      }),
      { numRuns: 5000 },
    );
  });
});
