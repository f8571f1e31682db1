import { Command } from 'commander';
import { PackyardClient } from '../../client/packyard-client.ts';
import { loadClientConfig } from '../../config/client-config.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { parseKeyValue } from '../key-value.ts';
import { localFile } from '../local-file.ts';
import { Progress } from '../progress.ts';
import { reportError } from '../report-error.ts';
import { prepareProgram, runProgram } from '../run-program.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';

interface UploadOptions {
  readonly provider: string;
  readonly file: string;
  readonly repo: string;
  readonly package: string;
  readonly packageVersion: string;
  readonly args?: readonly string[];
}

interface ServerOptions {
  readonly server: string;
  readonly token?: string;
}

/**
 * `rpcli`, the command line of docker-artifact, over the same library as `packyard upload`. It differs from the original
 * where that was broken: a failure ends with 1 and a message, not with 0 or a traceback, and `-a bad` with 2.
 */
export async function runRpcli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = prepareProgram(new Command('rpcli'), io)
    .description('upload packages to a repository server')
    .version(`rpcli (Packyard ${VERSION})`, '--version', 'show the version')
    .enablePositionalOptions()
    .requiredOption('-s, --server <url>', 'address of the server, e.g. http://localhost:8080')
    .option('--token <token>', 'token; better given as PACKYARD_TOKEN, where other users of the machine do not see it');
  program
    .command('upload')
    .description('upload one package')
    .requiredOption('-y, --provider <provider>', 'kind of repository: pypi, apt, tar, …')
    .requiredOption('-f, --file <file>', 'the file')
    .requiredOption('-r, --repo <repo>', "the repository's name")
    .requiredOption('-p, --package <package>', "the package's name")
    .requiredOption('-i, --package-version <version>', "the package's version")
    .option('-a, --args <key=value...>', 'further parameters, e.g. dist=trusty')
    .action(async (options: UploadOptions) => {
      exitCode = await upload(program.opts<ServerOptions>(), options, io);
    });
  if (argv.length === 0) {
    io.note(program.helpInformation());
    return EXIT.usage;
  }
  const code = await runProgram(program, argv, io);
  if (code === EXIT.ok) return exitCode;
  return code === EXIT.usage ? EXIT.usage : EXIT.failure;
}

async function upload(server: ServerOptions, options: UploadOptions, io: Io): Promise<number> {
  const fields = parseParameters(options.args ?? []);
  const client = new PackyardClient(loadClientConfig({ url: server.server, token: server.token }));
  try {
    const file = localFile(options.file);
    const progress = new Progress(io, file.name, file.size);
    const response = await client
      .addPackage({
        provider: options.provider,
        repository: options.repo,
        name: options.package,
        version: options.packageVersion,
        file,
        fields,
        onProgress: (sent) => progress.update(sent),
      })
      .finally(() => progress.finish());
    io.data((await response.text()).replace(/\n$/, ''));
    if (response.ok) return EXIT.ok;
    io.note(`error: the server refused the upload (HTTP ${response.status})`);
  } catch (error) {
    reportError(io, error, false);
  }
  return EXIT.failure;
}

const STANDARD_PARAMETERS = ['provider', 'reponame', 'name', 'version'];

function parseParameters(args: readonly string[]): readonly (readonly [string, string])[] {
  const seen = new Set(STANDARD_PARAMETERS);
  return args.map((text) => {
    const [key, value] = parseKeyValue(text);
    if (seen.has(key)) throw new UsageError(`duplicate parameter '${key}'`);
    seen.add(key);
    return [key, value];
  });
}
