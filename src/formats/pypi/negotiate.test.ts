import { describe, expect, test } from 'bun:test';
import { errorForm, negotiate, SIMPLE_HTML, SIMPLE_JSON } from './negotiate.ts';

describe('the form of a simple page', () => {
  for (const [client, accept, expected] of [
    ['nobody in particular', undefined, 'text/html'],
    ['an empty header', '', 'text/html'],
    ['curl and Poetry 1', '*/*', 'text/html'],
    ['pip', `${SIMPLE_JSON}, ${SIMPLE_HTML}; q=0.1, text/html; q=0.01`, SIMPLE_JSON],
    ['uv', `${SIMPLE_JSON}, ${SIMPLE_HTML};q=0.2, text/html;q=0.01`, SIMPLE_JSON],
    ['old pip', 'text/html', 'text/html'],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['who prefers HTML', `${SIMPLE_JSON};q=0.5, ${SIMPLE_HTML}`, SIMPLE_HTML],
    ['who takes JSON and anything', `${SIMPLE_JSON}, */*`, SIMPLE_JSON],
    ['who takes JSON and HTML alike', `text/html, ${SIMPLE_JSON}`, SIMPLE_JSON],
    ['who refuses HTML', 'text/html;q=0, */*', SIMPLE_HTML],
    ['who refuses all but JSON', `*/*, text/*;q=0, ${SIMPLE_HTML};q=0`, SIMPLE_JSON],
    ['a range with a higher quality than the exact type', `${SIMPLE_JSON};q=0.2, application/*;q=0.9`, SIMPLE_HTML],
    ['the latest JSON', 'application/vnd.pypi.simple.latest+json', SIMPLE_JSON],
    ['the latest HTML', 'application/vnd.pypi.simple.latest+html', SIMPLE_HTML],
    ['capitals', 'TEXT/HTML;Q=0.1, Application/Vnd.PyPI.Simple.V1+JSON', SIMPLE_JSON],
  ] as const) {
    test(`for ${client} is ${expected}`, () => {
      expect(negotiate(accept)).toBe(expected);
    });
  }

  for (const accept of [
    'application/json',
    'image/*',
    'application/vnd.pypi.simple.v2+json',
    '*/*;q=0',
    'text/html;q=2',
  ]) {
    test(`does not exist for ${accept}`, () => {
      expect(() => negotiate(accept)).toThrow(expect.objectContaining({ code: 'not_acceptable' }));
    });
  }

  test('is what the query says, whatever the header says', () => {
    expect(negotiate('text/html', 'application/vnd.pypi.simple.v1+json')).toBe(SIMPLE_JSON);
    expect(negotiate('text/html', 'application/vnd.pypi.simple.latest json')).toBe(SIMPLE_JSON);
    expect(negotiate(SIMPLE_JSON, 'text/html')).toBe('text/html');
    expect(() => negotiate('text/html', 'yaml')).toThrow(expect.objectContaining({ code: 'not_acceptable' }));
  });
});

test('errors are told in JSON to pip, in HTML to browsers, in plain text to everybody else', () => {
  expect(errorForm(`${SIMPLE_JSON}, text/html; q=0.01`)).toBe('json');
  expect(errorForm('application/json')).toBe('json');
  expect(errorForm('text/html,*/*;q=0.8')).toBe('html');
  expect(errorForm('*/*')).toBe('text');
  expect(errorForm(undefined)).toBe('text');
});
