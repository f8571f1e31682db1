import { expect, test } from 'bun:test';
import { companions } from './companions.ts';
import { changesFile, sourcePackage } from './fixtures/source-writer.ts';

test('the files that a .dsc and a .changes list go before them', () => {
  const { dsc, files } = sourcePackage({ source: 'tool', version: '1.0', signed: true });
  const names = files.map((file) => file.name);
  expect(companions(dsc.name, Buffer.from(dsc.bytes).toString())).toEqual(names);
  const changes = changesFile({ source: 'tool', files: [...files, dsc] });
  expect(companions(changes.name, Buffer.from(changes.bytes).toString())).toEqual([...names, dsc.name]);
});

test('other files have none, and names that lead elsewhere are left out', () => {
  expect(companions('tool_1.0_amd64.deb', 'Checksums-Sha256:\n abc 1 x\n')).toEqual([]);
  expect(
    companions('x.dsc', 'Checksums-Sha256:\n abc 1 ../x\n abc 1 /etc/passwd\n abc 1 .hidden\n abc 1 fine\n'),
  ).toEqual(['fine']);
});
