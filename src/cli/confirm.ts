import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

/**
 * Asks before something is taken away. `--yes` answers beforehand; without a terminal nobody could answer.
 * @throws UsageError when the answer is no or cannot be had
 */
export async function confirm(io: Io, question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!io.inputIsTerminal)
    throw new UsageError(`${question} Nobody is there to answer`, 'repeat the command with --yes');
  io.raw(`${question} [y/N] `);
  for await (const line of console) {
    if (/^y(es)?$/i.test(line.trim())) return;
    break;
  }
  throw new UsageError('nothing was changed');
}
