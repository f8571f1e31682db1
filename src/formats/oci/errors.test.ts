import { expect, test } from 'bun:test';
import { notFound, PackyardError } from '../../model/errors.ts';
import { errorResponse, isDefect, rangeSoFar } from './errors.ts';

const answer = async (error: unknown) => {
  const response = errorResponse(error, 'request-1', 'Bearer realm="x"');
  return { response, body: (await response.json()) as { errors: { code: string; message: string; detail: object }[] } };
};

test('an error has its code, what to do, and the request id', async () => {
  const { response, body } = await answer(
    notFound('it is not there', { hint: 'look elsewhere', details: { size: 1 } }),
  );
  expect(response.status).toBe(404);
  expect(body).toEqual({
    errors: [
      {
        code: 'NAME_UNKNOWN',
        message: 'it is not there: look elsewhere',
        detail: { hint: 'look elsewhere', size: 1, requestId: 'request-1' },
      },
    ],
  });
});

test('of a defect nothing is told but where the cause is', async () => {
  for (const defect of [new Error('secret-1'), new PackyardError('internal', 'secret-2'), 'secret-3']) {
    const { response, body } = await answer(defect);
    expect(isDefect(defect)).toBe(true);
    expect([response.status, body.errors[0]?.code]).toEqual([500, 'UNKNOWN']);
    expect(JSON.stringify(body)).not.toContain('secret-');
    expect(JSON.stringify(body)).toContain('request-1');
  }
});

test('who is not logged in is challenged, and nobody else', async () => {
  const missing = await answer(new PackyardError('unauthenticated', 'log in'));
  expect(missing.response.headers.get('www-authenticate')).toBe('Bearer realm="x"');
  const denied = await answer(new PackyardError('forbidden', 'no'));
  expect(denied.response.headers.get('www-authenticate')).toBeNull();
});

test('a chunk out of order is 416 with where the upload is and how much it has', async () => {
  const details = { uploadSize: 10, location: '/v2/a/blobs/uploads/1' };
  const { response, body } = await answer(new PackyardError('conflict', 'no', { details }));
  expect([response.status, body.errors[0]?.code]).toEqual([416, 'BLOB_UPLOAD_INVALID']);
  expect(response.headers.get('range')).toBe('0-9');
  expect(response.headers.get('location')).toBe('/v2/a/blobs/uploads/1');
});

test('an empty upload has the range that every client can read', () => {
  expect([0, 1, 2].map(rangeSoFar)).toEqual(['0-0', '0-0', '0-1']);
});
