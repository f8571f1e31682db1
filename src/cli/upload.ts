import type { Command } from 'commander';
import type { UploadResult } from '../client/api-types.ts';
import { formatBytes } from './byte-size.ts';
import { collect } from './collect.ts';
import type { RegisterCommand } from './context.ts';
import { exitCodeOf, worstExitCode } from './exit-codes.ts';
import { parseKeyValue } from './key-value.ts';
import { localFile } from './local-file.ts';
import { printableLine } from './printable.ts';
import { Progress } from './progress.ts';
import { reportError } from './report-error.ts';
import { openSession, type Session, withSession } from './session.ts';
import { findTarget } from './upload-target.ts';

interface Options {
  readonly name?: string;
  readonly version?: string;
  readonly field?: readonly string[];
}

export const registerUpload: RegisterCommand = (program, context) => {
  withSession(program.command('upload'))
    .description('publish files')
    .argument('<repository>', 'FORMAT/NAME, or NAME alone: then the format is seen from the file')
    .argument('<files...>')
    .option('--name <package>', 'the package, where the file does not say it')
    .option('--version <version>', 'the version, where the file does not say it')
    .option('--field <key=value>', 'what the format asks for beside, e.g. dist=bookworm; may be repeated', collect)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  packyard upload pypi/tools dist/*\n' +
        '  packyard upload generic/firmware image.bin --name router --version 1.2.0\n\n' +
        'The exit code is that of the worst file; the others are published all the same.',
    )
    .action(async (repository: string, paths: readonly string[], options: Options, command: Command) => {
      const fields = (options.field ?? []).map(parseKeyValue);
      const session = await openSession(context, command);
      const results: UploadResult[] = [];
      const codes: number[] = [];
      for (const path of paths) {
        try {
          const result = await uploadOne(session, repository, path, options, fields);
          results.push(result);
          if (!session.json) context.io.data(describe(result));
        } catch (error) {
          codes.push(exitCodeOf(error));
          if (paths.length > 1) context.io.note(`${printableLine(path)}:`);
          reportError(context.io, error, session.json);
        }
      }
      if (session.json) context.io.data(JSON.stringify(results, null, 2));
      context.exitCode = worstExitCode(codes);
    });
};

async function uploadOne(
  { client, io }: Session,
  repository: string,
  path: string,
  options: Options,
  fields: readonly (readonly [string, string])[],
): Promise<UploadResult> {
  const file = localFile(path);
  const target = await findTarget(repository, file);
  const progress = new Progress(io, file.name, file.size);
  try {
    return await client.upload({
      provider: target.format,
      repository: target.name,
      name: options.name,
      version: options.version,
      file,
      fields,
      onProgress: (sent) => progress.update(sent),
    });
  } finally {
    progress.finish();
  }
}

function describe({ repository, package: name, version, result, file }: UploadResult): string {
  return printableLine(`${result}  ${repository}  ${name} ${version}  ${file.name}  ${formatBytes(file.size)}`);
}
