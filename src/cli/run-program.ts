import { type Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import type { Io } from './io.ts';
import { reportError } from './report-error.ts';
import { UsageError } from './usage-error.ts';

/** Makes a program and every command of it throw instead of ending the process, and write to the given streams. */
export function prepareProgram(program: Command, io: Io): Command {
  return program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.data(text.replace(/\n$/, '')),
      writeErr: (text) => io.note(text.replace(/\n$/, '')),
      // Said once, by `reportError`.
      outputError: () => {},
    })
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command');
}

/** Runs the program on its arguments; every failure is reported and becomes an exit code. */
export async function runProgram(program: Command, argv: readonly string[], io: Io): Promise<number> {
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    const meaning = error instanceof CommanderError ? usageOf(error) : error;
    if (meaning === undefined) return error instanceof CommanderError && error.exitCode !== 0 ? EXIT.usage : EXIT.ok;
    reportError(io, meaning, argv.includes('--json'));
    return exitCodeOf(meaning);
  }
}

/** Commander's refusals in our form; undefined for help and version, which have been printed already. */
function usageOf(error: CommanderError): UsageError | undefined {
  if (/^commander\.(help|helpDisplayed|version)$/.test(error.code)) return undefined;
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(rest.join(' ').trim())?.[1];
  return new UsageError(first, suggestion);
}
