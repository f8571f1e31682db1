import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import type { Finding } from '../server/doctor/finding.ts';
import type { RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { printableLine } from './printable.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';

export const registerDoctor: RegisterCommand = (program, context) => {
  withServerOptions(program.command('doctor'))
    .description('try everything that the server needs and name what does not work; exit code 1 if something fails')
    .option('--json', 'print the data as JSON')
    .action(async (options: ServerOptions, command: Command) => {
      const { io } = context;
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const { examine } = await import('../server/doctor/examine.ts');
      const findings: Finding[] = [];
      for await (const finding of examine(() => loadConfig({ flags: serverFlags(options) }))) {
        findings.push(finding);
        // Each line as soon as it is known: what comes next may take its time to fail.
        if (!json) io.data(describe(finding));
      }
      const ok = findings.every(({ status }) => status !== 'fail');
      if (json) print(io, json, { ok, findings }, () => '');
      if (!ok) context.exitCode = EXIT.failure;
    });
};

function describe({ status, what, detail, hint }: Finding): string {
  const line = `${status.padEnd(4)}  ${what.padEnd(14)}  ${printableLine(detail)}`;
  return hint === undefined ? line : `${line}\n${' '.repeat(22)}try: ${printableLine(hint)}`;
}
