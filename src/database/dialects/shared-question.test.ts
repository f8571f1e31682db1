import { expect, test } from 'bun:test';
import { SharedQuestion } from './shared-question.ts';

test('one question answers all who came before it began, and nobody gets an answer to an earlier one', async () => {
  let asked = 0;
  const question = new SharedQuestion(async () => {
    asked += 1;
    const answer = asked;
    await Bun.sleep(5);
    return answer;
  });
  const first = question.ask();
  const later = [question.ask(), question.ask(), question.ask()];
  expect(await first).toBe(1);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
  expect(await question.ask()).toBe(3);
});

test('a question that fails fails for those who asked it, and the next is asked anew', async () => {
  let asked = 0;
  const question = new SharedQuestion(async () => {
    asked += 1;
    if (asked === 1) throw new Error('away');
    return asked;
  });
  const first = question.ask();
  const second = question.ask();
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe(2);
});
