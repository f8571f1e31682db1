import { describe, expect, test } from 'bun:test';
import { renderedDocument } from '../registry/document-cache.ts';
import { sendDocument } from './send-document.ts';

const LONG = renderedDocument(new TextEncoder().encode('a line of text\n'.repeat(200)));

function send(acceptEncoding?: string): Response {
  const headers = new Headers(acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding });
  return sendDocument(new Request('http://localhost/', { headers }), LONG, { contentType: 'text/plain' });
}

describe('a document is compressed', () => {
  test.each(['gzip', 'GZIP', 'br, gzip', 'gzip;q=0.001', '*', 'identity, *;q=0.5', '*;q=0, gzip', 'gzip ; q=1.0'])(
    'for a client that accepts %p',
    async (accepted) => {
      const response = send(accepted);
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(Bun.gunzipSync(await response.bytes())).toEqual(LONG.body);
    },
  );

  test.each([
    undefined,
    '',
    'identity',
    'gzip;q=0',
    'gzip;q=0.0, *',
    '*, gzip;q=0.000',
    'gzip; q=0, *;q=1',
    '*;q=0',
    'gzip;q=high',
    'gzipped',
  ])('not for a client that accepts %p', async (accepted) => {
    const response = send(accepted);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.bytes()).toEqual(LONG.body);
  });
});

test('a document is never anything but what its type says', () => {
  expect(send().headers.get('x-content-type-options')).toBe('nosniff');
});
