import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { PYTHON } from '../../../tests/support/clients.ts';
import { runOk } from '../../../tests/support/run.ts';
import { pythonJson } from './python-json.ts';

const SCRIPT = 'import json,sys\nfor line in sys.stdin: print(json.dumps(json.loads(line), sort_keys=True))';

test('JSON is written as Python writes it', async () => {
  const text = fc.string({ unit: 'grapheme-composite', maxLength: 8 });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.string({ unit: fc.constantFrom('\u007f', '"', '\\', '\n', '\u2028', '\ud83d\ude00', '\uffff', 'é', '/') }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const samples = fc.sample(value, 500);
  const input = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
  const { stdout } = await runOk([PYTHON, '-c', SCRIPT], { input });
  expect(samples.map(pythonJson)).toEqual(stdout.trimEnd().split('\n'));
});
