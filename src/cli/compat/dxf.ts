import { Command } from 'commander';
import { DXFUnauthorizedError } from '../../client/dxf/dxf-errors.ts';
import { RegistryError } from '../../client/oci/registry-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { reportError } from '../report-error.ts';
import { prepareProgram, runProgram } from '../run-program.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { ALIAS_COMMANDS } from './dxf/alias-commands.ts';
import { BLOB_COMMANDS } from './dxf/blob-commands.ts';
import type { DxfCommand } from './dxf/dxf-command.ts';
import { DxfSession } from './dxf/dxf-session.ts';
import { LIST_COMMANDS } from './dxf/list-commands.ts';
import { LOGIN_COMMANDS } from './dxf/login-commands.ts';

const COMMANDS: readonly DxfCommand[] = [...LOGIN_COMMANDS, ...BLOB_COMMANDS, ...ALIAS_COMMANDS, ...LIST_COMMANDS];

/** What `errno` calls EACCES and ENOENT. */
const UNAUTHORIZED = 13;
const NOT_FOUND = 2;

/**
 * `dxf`, the command line of python-dxf 12, over the same library as `packyard blob`. Exit codes are those of the original: 13 for 401, 2
 * for 404 and wrong calls, 1 for everything else; a message takes the place of its tracebacks.
 */
export async function runDxf(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = prepareProgram(new Command('dxf'), io)
    .description('store data in a container registry')
    .version(`dxf (Packyard ${VERSION})`, '--version', 'show the version')
    .configureHelp({ subcommandTerm: (each) => `${each.name()} ${each.usage()}`.trim() })
    .addHelpText('after', HELP);
  for (const { name, usage, summary, takesRepository = true, run } of COMMANDS) {
    const command = program.command(name).description(summary).usage(usage);
    if (takesRepository) command.argument('<repo>').argument('[arguments...]');
    command.action(async (...given: readonly unknown[]) => {
      const [repo, args] = takesRepository ? (given as [string, readonly string[]]) : ['', []];
      try {
        await run(DxfSession.open(repo, io), args);
      } catch (error) {
        if (error instanceof UsageError) throw new UsageError(error.message, error.hint ?? `dxf ${name} ${usage}`);
        reportError(io, error, false);
        exitCode = exitCodeOf(error);
      }
    });
  }
  if (argv.length === 0) {
    io.note(program.helpInformation());
    return EXIT.usage;
  }
  const code = await runProgram(program, argv, io);
  return code === EXIT.ok ? exitCode : EXIT.usage;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof DXFUnauthorizedError) return UNAUTHORIZED;
  if (!(error instanceof RegistryError)) return EXIT.failure;
  // A name that no registry can have: the original asks for it and is told 404.
  const isNoName = error.name === 'RegistryError' && error.code === 'invalid_request';
  return error.status === 404 || isNoName ? NOT_FOUND : EXIT.failure;
}

const HELP = `
A <hash> is sha256:… or the 64 digits alone. Without a <hash> or an alias, some commands read a manifest from standard
input.

Environment: DXF_HOST (required), DXF_INSECURE=1, DXF_USERNAME and DXF_PASSWORD, DXF_AUTHORIZATION, DXF_TOKEN,
DXF_AUTH_HOST, DXF_SKIPTLSVERIFY=1, DXF_TLSVERIFY, DXF_PROGRESS=0|1, DXF_BLOB_INFO=1, DXF_CHUNK_SIZE, DXF_PLATFORM.
Exit codes: 0 ok, 13 unauthorized, 2 not found or wrong call, 1 any other failure.`;
