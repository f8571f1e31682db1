import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { readArMembers } from './ar.ts';
import { type ArMemberInput, writeAr } from './fixtures/ar-writer.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';

function read(bytes: Uint8Array) {
  return readArMembers({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) });
}

const members: readonly ArMemberInput[] = [
  { name: 'one', content: 'a' },
  { name: 'two', content: 'bb', slash: true },
  { name: 'empty', content: '' },
];

test('members are found with their places, whether their names end with blanks or a slash', () => {
  const bytes = writeAr(members);
  const found = read(bytes);
  expect(found.map(({ name, size }) => [name, size])).toEqual([
    ['one', 1],
    ['two', 2],
    ['empty', 0],
  ]);
  expect(found.map(({ offset, size }) => Buffer.from(bytes.subarray(offset, offset + size)).toString())).toEqual([
    'a',
    'bb',
    '',
  ]);
});

toolTest('what GNU ar writes is read', ['ar'], () => {
  using folder = new TempFolder('ar');
  for (const name of ['odd', 'even']) writeFileSync(folder.join(name), name);
  runTool(['ar', 'rcD', 'archive', 'odd', 'even'], { cwd: folder.path });
  expect(read(readFileSync(folder.join('archive'))).map(({ name }) => name)).toEqual(['odd', 'even']);
});

describe('an archive is refused', () => {
  test.each([
    ['when it is empty', new Uint8Array(), /the file is empty/],
    ['when it is something else', Buffer.from('PK\u0003\u0004 something else'), /not an ar archive/],
    ['when its beginning was changed in transport', Buffer.from('!<arch>\r\n'), /not an ar archive/],
    ['when a header is cut off', writeAr(members).subarray(0, 40), /header is cut off/],
    [
      'when a member is longer than the file',
      writeAr([{ name: 'a', content: 'b', declaredSize: 3 }]),
      /ends 2 bytes behind the file/,
    ],
    [
      'when the padding of its last member is missing',
      writeAr([{ name: 'a', content: 'b', unpadded: true }]),
      /ends 1 bytes behind/,
    ],
    ['when a size is no number', writeAr([{ name: 'a', content: 'b', declaredSize: '0x1' }]), /has no size/],
    ['when a size is negative', writeAr([{ name: 'a', content: 'b', declaredSize: '-2' }]), /has no size/],
    ['when a size is missing', writeAr([{ name: 'a', content: 'b', declaredSize: '' }]), /has no size/],
    ['when a header does not end as one', writeAr([{ name: 'a', content: 'b', magic: 'x\n' }]), /no member's header/],
    [
      'when it has too many members',
      writeAr(Array.from({ length: 101 }, () => ({ name: 'a', content: '' }))),
      /more than 100/,
    ],
    [
      'when something follows its last member',
      Buffer.concat([writeAr(members), Buffer.from('\n\n')]),
      /header is cut off/,
    ],
  ])('%s', (_, bytes, message) => expectRefusal(() => read(bytes), message));

  test('wherever it is cut off, but between two members', async () => {
    const bytes = writeAr(members);
    const whole: number[] = [];
    for (let length = 0; length <= bytes.length; length++) {
      if (!(await refusalOf(() => read(bytes.subarray(0, length))))) whole.push(length);
    }
    expect(whole).toEqual([8, 70, 132, 192]);
  });
});
