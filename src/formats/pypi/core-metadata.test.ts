import { describe, expect, test } from 'bun:test';
import { parseCoreMetadata } from './core-metadata.ts';

function parse(text: string) {
  return parseCoreMetadata(Buffer.from(text), 'METADATA');
}

const HEAD = 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n';

describe('core metadata', () => {
  test('has fields of any case, several times, with line ends of any kind', () => {
    const text =
      'metadata-version: 2.1\r\nNAME: demo\r\nVersion: 1.0\r\nRequires-Dist: a\r\nrequires-dist: b\r\n\r\nText\r\n';
    const { fields, description } = parse(text);
    expect(fields.get('requires-dist')).toEqual(['a', 'b']);
    expect(description).toBe('Text\n');
  });

  test('joins folded lines', () => {
    expect(parse(`${HEAD}License: first\n        second\n\tthird\n`).fields.get('license')).toEqual([
      'first\n        second\n\tthird',
    ]);
  });

  test('has its description behind the empty line, as it is', () => {
    expect(parse(`${HEAD}\nSummary: not a field\n\n  indented\n`).description).toBe(
      'Summary: not a field\n\n  indented\n',
    );
  });

  test('of version 1 has its description in a field, folded', () => {
    expect(parse(`${HEAD}Description: Title\n        =====\n        \n        Text\n`).description).toBe(
      'Title\n=====\n\nText',
    );
    expect(parse(`${HEAD}Description: Title\n       |  Text\n`).description).toBe('Title\n  Text');
  });

  test('ends its fields at the first line that is none, as for Python', () => {
    const { fields, description } = parse(`${HEAD}no field\nSummary: text\n`);
    expect(fields.has('summary')).toBe(false);
    expect(description).toBe('no field\nSummary: text\n');
  });

  test('may have fields and a Metadata-Version of the future', () => {
    expect(parse('Metadata-Version: 77.1\nName: demo\nVersion: 1.0\nFlavour: sweet\n').fields.get('flavour')).toEqual([
      'sweet',
    ]);
  });

  test('survives bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(HEAD), Buffer.from('Author: Andr\xe9\n', 'latin1')]);
    expect(parseCoreMetadata(bytes, 'PKG-INFO').fields.get('author')).toEqual(['Andr\ufffd']);
  });

  test('of four megabytes is read at once', () => {
    const folded = ' x\n'.repeat(1_300_000);
    expect(parse(`${HEAD}License: ${folded}`).fields.get('license')?.[0]).toBe(folded.trim());
    expect(parse(HEAD + 'A:\n'.repeat(1_300_000)).fields.get('a')).toHaveLength(1_300_000);
  });
});
