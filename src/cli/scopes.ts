import { nearestName } from '../config/nearest-name.ts';
import { ACTIONS, type Action, type Scope } from '../model/principal.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads `pypi/tools:read,write`: a glob over FORMAT/NAME and what may be done there.
 * @throws UsageError
 */
export function parseScope(text: string): Scope {
  const colon = text.lastIndexOf(':');
  const repository = text.slice(0, Math.max(colon, 0));
  const words = text.slice(colon + 1).split(',');
  if (repository === '' || words.includes('')) {
    throw new UsageError(
      `not a scope: ${JSON.stringify(text)}`,
      "write REPOSITORY:ACTIONS, e.g. 'pypi/tools:read,write' or '*:read'",
    );
  }
  return { repository, actions: [...new Set(words.map(parseAction))] };
}

export function formatScope(scope: Scope): string {
  return `${scope.repository}:${scope.actions.join(',')}`;
}

function parseAction(word: string): Action {
  const action = ACTIONS.find((known) => known === word);
  if (action) return action;
  const nearest = nearestName(word, ACTIONS);
  throw new UsageError(`unknown action ${JSON.stringify(word)}`, nearest ?? `the actions are ${ACTIONS.join(', ')}`);
}
