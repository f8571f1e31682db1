import { expect, test } from 'bun:test';
import { LinkedVersions } from './linked-versions.ts';

const ids = new Map(['index', 'amd64', 'arm64', 'signature', 'old', 'shared'].map((name, id) => [name, id]));
const row = (version: string) => ({ id: ids.get(version) ?? -1, version });
const child = (of: string, digest: string) => ({ version_id: row(of).id, kind: 'child', digest });
const about = (of: string, digest: string) => ({ version_id: row(of).id, kind: 'subject', digest });
const names = (rows: readonly { readonly version: string }[]) => rows.map(({ version }) => version).sort();
const never = () => false;

const links = [
  child('index', 'amd64'),
  child('index', 'arm64'),
  child('index', 'shared'),
  child('old', 'shared'),
  about('signature', 'index'),
];
const all = [...ids.keys()].map(row);

test('the images of an index and the signature of it belong to it, and a version that nothing names to itself', () => {
  const linked = new LinkedVersions(all, links);
  expect(names(all.filter((each) => linked.belongsToAnother(each)))).toEqual(['amd64', 'arm64', 'shared', 'signature']);
});

test('with an index go its images and its signature, but not what another index has too', () => {
  const linked = new LinkedVersions(all, links);
  expect(names(linked.goingWith([row('index')], never))).toEqual(['amd64', 'arm64', 'index', 'signature']);
});

test('an image that has a tag of its own stays when its index goes', () => {
  const linked = new LinkedVersions(all, links);
  const going = linked.goingWith([row('index')], ({ version }) => version === 'arm64');
  expect(names(going)).toEqual(['amd64', 'index', 'signature']);
});

test('what names something that is not there belongs to nobody', () => {
  const linked = new LinkedVersions([row('signature')], links);
  expect(linked.belongsToAnother(row('signature'))).toBe(false);
});

test('versions that name each other in a circle end all the same', () => {
  const circle = [child('index', 'old'), child('old', 'index')];
  const linked = new LinkedVersions([row('index'), row('old')], circle);
  expect(names(linked.goingWith([], never))).toEqual(['index', 'old']);
});
