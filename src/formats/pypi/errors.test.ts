import { describe, expect, test } from 'bun:test';
import { PackyardError } from '../../model/errors.ts';
import { errorResponse, fileExistsResponse, goneResponse } from './errors.ts';
import { SIMPLE_JSON } from './negotiate.ts';

function request(accept?: string, init: RequestInit = {}): Request {
  return new Request('http://host/repo/pypi/tools/demo/', { headers: accept ? { Accept: accept } : {}, ...init });
}

const missing = new PackyardError('not_found', 'the index has no project <b>', { hint: 'look again' });

describe('an error', () => {
  test('is a short text for curl', async () => {
    const response = errorResponse(missing, request());
    expect(response.status).toBe(404);
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('the index has no project <b>\nlook again\n');
  });

  test('is JSON with a stable code for those who ask for JSON', async () => {
    const response = errorResponse(missing, request(SIMPLE_JSON));
    expect(await response.json()).toEqual({
      meta: { 'api-version': '1.4' },
      code: 'not_found',
      message: 'the index has no project <b>',
      hint: 'look again',
    });
  });

  test('is escaped HTML for a browser', async () => {
    const body = await errorResponse(missing, request('text/html')).text();
    expect(body).toContain('no project &lt;b&gt;');
    expect(body).not.toContain('<b>');
  });

  test('of an upload is plain text always: uv would show only the code of JSON', async () => {
    const response = errorResponse(missing, request('application/json;q=0.9, text/plain;q=0.8', { method: 'POST' }));
    expect(await response.text()).toStartWith('the index has no project');
  });

  test('depends on Accept and is not kept', () => {
    const { headers } = errorResponse(missing, request());
    expect(headers.get('Vary')).toBe('Accept');
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  test('challenges those without credentials, so that pip and twine send theirs', () => {
    const { status, headers } = errorResponse(new PackyardError('unauthenticated', 'who are you?'), request());
    expect(status).toBe(401);
    expect(headers.get('WWW-Authenticate')).toStartWith('Basic realm="packyard"');
  });

  test('says when to come again, and which methods there are', () => {
    const busy = errorResponse(new PackyardError('too_many_requests', 'slow down', { retryAfter: 2.5 }), request());
    expect([busy.status, busy.headers.get('Retry-After')]).toEqual([429, '3']);
    const details = { allow: 'GET, HEAD' };
    const method = errorResponse(new PackyardError('method_not_allowed', 'no', { details }), request());
    expect([method.status, method.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('that is a defect goes on to the server, which tells nobody what it was', () => {
    const defect = new TypeError('secret');
    expect(() => errorResponse(defect, request())).toThrow(defect);
    const internal = new PackyardError('internal', 'secret');
    expect(() => errorResponse(internal, request())).toThrow(internal);
  });
});

test('other bytes for a published name begin with the words that twine and uv look for, in any form asked for', async () => {
  const response = fileExistsResponse(
    'demo-1.0.tar.gz',
    new PackyardError('conflict', 'no', { hint: 'publish a new version' }),
  );
  expect(response.status).toBe(400);
  expect(response.headers.get('Content-Type')).toStartWith('text/plain');
  expect(await response.text()).toBe(
    'File already exists ("demo-1.0.tar.gz", with different bytes)\npublish a new version\n',
  );
});

test('former actions of the upload API are gone', () => {
  expect(goneResponse('no longer', 'do otherwise', request()).status).toBe(410);
});
