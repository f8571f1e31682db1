import { expect, test } from 'bun:test';
import { PackyardError } from '../../model/errors.ts';
import { answerFailure, errorResponse } from './errors.ts';

test('a defect is left to the server, which writes it down and answers it in the form of the protocol', async () => {
  const defect = new Error('secret');
  expect(() => errorResponse(defect, 'id', '')).toThrow(defect);
  const answer = answerFailure(new PackyardError('internal', 'the server failed at this request'), 'id');
  expect(answer.status).toBe(500);
  expect((await answer.json()) as unknown).toEqual({
    errors: [{ code: 'UNKNOWN', message: 'the server failed at this request', detail: { requestId: 'id' } }],
  });
});
