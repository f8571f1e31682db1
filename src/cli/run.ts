import { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';
import type { Io } from './io.ts';
import { prepareProgram, runProgram } from './run-program.ts';
import { withSession } from './session.ts';
import { VERSION } from './version.ts';

/** The command lines of older tools that this program stands in for, by the name under which it is called. */
const DROP_INS: Readonly<Record<string, () => Promise<(argv: readonly string[], io: Io) => Promise<number>>>> = {
  rpcli: async () => (await import('./compat/rpcli.ts')).runRpcli,
  dxf: async () => (await import('./compat/dxf.ts')).runDxf,
};

/**
 * Runs one command line.
 * @param calledAs the base name of the executable; a drop-in's name selects it, as does a first argument of that name
 * @returns the exit code
 */
export async function run(calledAs: string, argv: readonly string[], io: Io): Promise<number> {
  const [first = '', ...rest] = argv;
  const byName = dropIn(calledAs);
  if (byName) return (await byName())(argv, io);
  const byArgument = dropIn(first);
  if (byArgument) return (await byArgument())(rest, io);

  if (first === '-V' || first === '--version') {
    io.data(VERSION);
    return 0;
  }
  const context: CliContext = { io, exitCode: 0 };
  const program = prepareProgram(new Command('packyard'), io);
  withSession(program)
    .description('One small server and one command line for every package a team makes or mirrors')
    .version(VERSION, '-V, --version', 'show the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  for (const load of commandsFor(argv)) (await load())(program, context);
  if (argv.length === 0) {
    io.note(program.helpInformation());
    return 2;
  }
  const code = await runProgram(program, argv, io);
  return code === 0 ? context.exitCode : code;
}

const HELP = `
Begin with:
  packyard serve
  packyard upload pypi/tools dist/*

Environment: PACKYARD_URL, PACKYARD_TOKEN or PACKYARD_TOKEN_FILE, NO_COLOR.
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 verification failed,
7 temporary (trying again may help), 130 interrupted.`;

function dropIn(name: string) {
  const plain = name.replace(/\.exe$/, '');
  return Object.hasOwn(DROP_INS, plain) ? DROP_INS[plain] : undefined;
}

/** The one command that is called; for help and for mistyped names all of them. */
function commandsFor(
  argv: readonly string[],
): readonly (() => Promise<(program: Command, context: CliContext) => void>)[] {
  const words = argv.filter((argument, index) => !argument.startsWith('-') && argv[index - 1] !== '--url');
  const name = words[0] === 'help' ? (words[1] ?? '') : (words[0] ?? '');
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load ? [load] : Object.values(COMMANDS);
}
