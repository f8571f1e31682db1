import type { Command } from 'commander';
import type { ArchiveResult, UploadResult, WaitingUpload } from '../client/api-types.ts';
import { formatBytes } from './byte-size.ts';
import { collect } from './collect.ts';
import type { RegisterCommand } from './context.ts';
import { count } from './count.ts';
import { exitCodeOf, worstExitCode } from './exit-codes.ts';
import { parseKeyValue } from './key-value.ts';
import { printableLine } from './printable.ts';
import { Progress } from './progress.ts';
import { reportError } from './report-error.ts';
import { openSession, type Session, withSession } from './session.ts';
import { type PlannedUpload, planUploads } from './upload-plan.ts';

interface Options {
  readonly name?: string;
  readonly version?: string;
  readonly dist?: readonly string[];
  readonly component?: string;
  readonly field?: readonly string[];
}

type Fields = readonly (readonly [name: string, value: string])[];
type Result = UploadResult | WaitingUpload | ArchiveResult;

export const registerUpload: RegisterCommand = (program, context) => {
  withSession(program.command('upload'))
    .description('publish files')
    .argument('<repository>', 'FORMAT/NAME, or NAME alone: then the format is seen from the file')
    .argument('<files...>')
    .option('--name <package>', 'the package, where the file does not say it')
    .option('--version <version>', 'the version, where the file does not say it')
    .option('--dist <distribution>', 'the distribution of an apt repository; may be repeated', collect)
    .option('--component <name>', 'its component, else main')
    .option('--field <key=value>', 'what the format asks for beside, e.g. dist=bookworm; may be repeated', collect)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  packyard upload pypi/tools dist/*\n' +
        '  packyard upload apt/tools ./*.deb --dist bookworm\n' +
        '  packyard upload apt/tools ./tool_1.0_amd64.changes\n' +
        '  packyard upload generic/firmware image.bin --name router --version 1.2.0\n\n' +
        'What a .dsc or .changes file lists is sent with it. Many small Debian packages travel together.\n' +
        'The exit code is that of the worst file; the others are published all the same.',
    )
    .action(async (repository: string, paths: readonly string[], options: Options, command: Command) => {
      const fields = fieldsOf(options);
      const session = await openSession(context, command);
      const results: Result[] = [];
      const codes: number[] = [];
      const several = paths.length > 1;
      const attempt = async (label: string, work: () => Promise<Result>): Promise<void> => {
        try {
          const result = await work();
          results.push(result);
          if (!session.json) context.io.data(describe(result));
        } catch (error) {
          codes.push(exitCodeOf(error));
          if (several) context.io.note(`${printableLine(label)}:`);
          reportError(context.io, error, session.json);
        }
      };
      for await (const upload of planUploads(repository, paths, options.name === undefined)) {
        if ('error' in upload) {
          await attempt(upload.path, () => Promise.reject(upload.error));
        } else if (upload.files.length > 1) {
          const together = await sendTogether(session, upload, fields);
          if (together) await attempt('', () => Promise.resolve(together));
          // One of them is refused: each by itself, so that the others get through and it is named.
          else
            for (const file of upload.files)
              await attempt(file.path, () => send(session, { ...upload, files: [file] }, options, fields));
        } else {
          await attempt(upload.files[0]?.path ?? '', () => send(session, upload, options, fields));
        }
      }
      if (session.json) context.io.data(JSON.stringify(results, null, 2));
      context.exitCode = worstExitCode(codes);
    });
};

function fieldsOf({ dist = [], component, field = [] }: Options): Fields {
  const named = dist.map((each) => ['dist', each] as const);
  const parts = component === undefined ? [] : [['component', component] as const];
  return [...named, ...parts, ...field.map(parseKeyValue)];
}

async function send(
  { client, io }: Session,
  { target, files, waits }: PlannedUpload,
  options: Options,
  fields: Fields,
): Promise<UploadResult | WaitingUpload> {
  const [planned] = files;
  if (!planned) throw new Error('an upload without a file');
  const { file } = planned;
  const progress = new Progress(io, file.name, file.size);
  try {
    return await client.upload({
      provider: target.format,
      repository: target.name,
      name: options.name,
      version: options.version,
      file,
      fields: waits ? [...fields, ['pending', '1']] : fields,
      onProgress: (sent) => progress.update(sent),
    });
  } finally {
    progress.finish();
  }
}

/** Undefined where the server refuses all because of one. */
async function sendTogether(
  { client }: Session,
  { target, files }: PlannedUpload,
  fields: Fields,
): Promise<ArchiveResult | undefined> {
  const { tarOf } = await import('./tar-of.ts');
  const tar = await tarOf(files.map(({ file }) => file));
  try {
    return await client.uploadArchive({ provider: target.format, repository: target.name, fields }, tar);
  } catch (error) {
    // What is temporary or not allowed would be so for each of them as well.
    if (![1, 5, 6].includes(exitCodeOf(error))) throw error;
    return undefined;
  }
}

function describe(result: Result): string {
  const { repository } = result;
  if (!('file' in result)) {
    const { created, replaced, unchanged } = result;
    const counts = Object.entries({ created, replaced, unchanged }).filter(([, number]) => number > 0);
    return printableLine(
      `${counts.map(([word, number]) => `${word} ${count(number, 'file')}`).join(', ')}  ${repository}`,
    );
  }
  const { file } = result;
  const size = formatBytes(file.size);
  if (result.result === 'pending') return printableLine(`waiting  ${repository}  ${file.name}  ${size}`);
  const { package: name, version } = result;
  return printableLine(`${result.result}  ${repository}  ${name} ${version}  ${file.name}  ${size}`);
}
