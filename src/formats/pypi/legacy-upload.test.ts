import { describe, expect, test } from 'bun:test';
import type { ReceivedForm, Upload } from '../format.ts';
import { isFormerAction, readUploadForm } from './legacy-upload.ts';

function form(fields: Record<string, string[]>, fieldName = 'content'): ReceivedForm {
  // Only the form's frame is read here; the file itself is `receive`'s.
  const staged = {} as Upload['staged'];
  return { fields: new Map(Object.entries(fields)), fieldName, fileName: 'demo-1.0.tar.gz', staged };
}

describe('the upload form', () => {
  test('gives name and version, whatever its metadata version', () => {
    const fields = { ':action': ['file_upload'], protocol_version: ['1'], name: ['demo'], version: ['1.0'] };
    expect(readUploadForm(form({ ...fields, metadata_version: ['77.7'] }))).toEqual({ name: 'demo', version: '1.0' });
  });

  test('may leave out all but the action and the file', () => {
    expect(readUploadForm(form({ ':action': ['file_upload'] }))).toEqual({ name: undefined, version: undefined });
  });

  for (const [title, fields, field] of [
    ['without an action', {}, 'content'],
    ['with an unknown action', { ':action': ['explode'] }, 'content'],
    ['with two actions', { ':action': ['file_upload', 'submit'] }, 'content'],
    ['with another protocol version', { ':action': ['file_upload'], protocol_version: ['2'] }, 'content'],
    ['with two names', { ':action': ['file_upload'], name: ['a', 'b'] }, 'content'],
    ['with the file in another field', { ':action': ['file_upload'] }, 'f'],
  ] as const) {
    test(`${title} is refused`, () => {
      const copy = Object.fromEntries(Object.entries(fields).map(([key, values]) => [key, [...values]]));
      expect(() => readUploadForm(form(copy, field))).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    });
  }

  test('with an action of the past is recognised as such', () => {
    expect(isFormerAction(form({ ':action': ['submit'] }))).toBe(true);
    expect(isFormerAction(form({ ':action': ['doc_upload'] }))).toBe(true);
    expect(isFormerAction(form({ ':action': ['file_upload'] }))).toBe(false);
  });
});
