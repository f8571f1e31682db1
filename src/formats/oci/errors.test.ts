import { expect, test } from 'bun:test';
import { notFound, PackyardError } from '../../model/errors.ts';
import { answerFailure, errorResponse, rangeSoFar } from './errors.ts';

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

test('a defect is left to the server, which writes it down and answers it in the form of the protocol', async () => {
  const defect = new Error('secret');
  expect(() => errorResponse(defect, 'id', '')).toThrow(defect);
  const answer = answerFailure(new PackyardError('internal', 'the server failed at this request'), 'id');
  expect(answer.status).toBe(500);
  expect((await answer.json()) as unknown).toEqual({
    errors: [{ code: 'UNKNOWN', message: 'the server failed at this request', detail: { requestId: 'id' } }],
  });
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
