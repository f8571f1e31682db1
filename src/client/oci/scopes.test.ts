import { describe, expect, test } from 'bun:test';
import { covers, formatScopes, joinScopes, parseScopes } from './scopes.ts';

describe('scopes', () => {
  test('are read and written, also with a port in the name', () => {
    const text = 'repository:host:5000/a:pull,push registry:catalog:*';
    expect(formatScopes(parseScopes(text))).toEqual(text.split(' '));
    expect(formatScopes(parseScopes('', 'nonsense', 'repository:a:'))).toEqual(['repository:a:']);
  });

  test('are joined by resource', () => {
    const joined = joinScopes(parseScopes('repository:a:pull'), parseScopes('repository:a:push repository:b:pull'));
    expect(formatScopes(joined)).toEqual(['repository:a:pull,push', 'repository:b:pull']);
  });

  test('cover what they contain', () => {
    const held = parseScopes('repository:a:pull,push registry:catalog:*');
    expect(covers(held, parseScopes('repository:a:pull'))).toBe(true);
    expect(covers(held, parseScopes('registry:catalog:anything'))).toBe(true);
    expect(covers(held, parseScopes())).toBe(true);
    expect(covers(held, parseScopes('repository:a:delete'))).toBe(false);
    expect(covers(held, parseScopes('repository:a:pull repository:b:pull'))).toBe(false);
  });
});
