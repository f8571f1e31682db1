import { invalid } from './errors.ts';

/** Which repository: a format's id and a name that is unique among the repositories of that format. */
export interface RepositoryRef {
  readonly format: string;
  readonly name: string;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?$/;

/**
 * Checks a repository's name: 1 to 128 letters, digits, `.`, `_`, `-`; first a letter or digit, last not a dot, no `..`.
 * @throws PackyardError `invalid_request`
 */
export function parseRepositoryName(name: string): string {
  if (!NAME.test(name) || name.includes('..')) {
    throw invalid('not a repository name', {
      hint: 'use 1 to 128 letters, digits, dots, underscores and dashes, beginning with a letter or digit',
    });
  }
  return name;
}

/** Reads `pypi/tools`. */
export function parseRepositoryRef(text: string): RepositoryRef {
  const slash = text.indexOf('/');
  if (slash < 1)
    throw invalid(`not a repository: ${JSON.stringify(text)}`, { hint: 'write FORMAT/NAME, e.g. pypi/tools' });
  return { format: text.slice(0, slash), name: parseRepositoryName(text.slice(slash + 1)) };
}

export function formatRepositoryRef(ref: RepositoryRef): string {
  return `${ref.format}/${ref.name}`;
}
