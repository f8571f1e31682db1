import { expect, test } from 'bun:test';
import { notFound } from '../../model/errors.ts';
import { errorResponse } from './errors.ts';

test.each(['*/*', 'application/json'])('a refusal for %p is never anything but what its type says', (accept) => {
  const request = new Request('http://localhost/', { headers: { accept } });
  const response = errorResponse(notFound('there is no <script>'), request, 'request-1');
  expect(response.status).toBe(404);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-type')).toStartWith(accept === '*/*' ? 'text/plain' : 'application/json');
});
