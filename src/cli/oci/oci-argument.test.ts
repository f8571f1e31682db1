import { describe, expect, test } from 'bun:test';
import { parseOciArgument, readOciArgument } from './oci-argument.ts';

describe('a repository of a registry', () => {
  test.each([
    ['oci/team/app', undefined, 'team/app'],
    ['oci/alpine', undefined, 'alpine'],
    ['ghcr.io/team/app', 'ghcr.io', 'team/app'],
    ['docker.io/alpine', 'docker.io', 'alpine'],
    ['localhost/app', 'localhost', 'app'],
    ['localhost:5000/team/app', 'localhost:5000', 'team/app'],
    ['[::1]:5000/app', '[::1]:5000', 'app'],
    ['registry:5000/app', 'registry:5000', 'app'],
    ['http://registry/app', 'http://registry', 'app'],
    ['https://registry.test:8443/a/b/c', 'https://registry.test:8443', 'a/b/c'],
  ])('%s is one', (text, registry, name) => {
    expect(readOciArgument(text)).toEqual({ registry, name, text });
  });

  test.each(['generic/firmware', 'pypi/tools', 'team/app', 'oci', 'app', '', '/app'])('%j is none', (text) => {
    expect(readOciArgument(text)).toBeUndefined();
    expect(() => parseOciArgument(text)).toThrow('not a repository of a registry');
  });

  test.each(['oci/', 'oci/Team/app', 'oci/team//app', 'ghcr.io/team/', 'localhost:5000/..'])(
    '%j is a wrong one',
    (text) => {
      expect(() => readOciArgument(text)).toThrow('not a repository name');
    },
  );

  test.each(['oci/app:1.0', 'localhost:5000/team/app@sha256:00'])('%s has an alias too many', (text) => {
    expect(() => readOciArgument(text)).toThrow('a repository is written without an alias');
  });
});
