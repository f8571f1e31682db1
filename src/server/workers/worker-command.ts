/** Where Bun shows the program inside a single-file build. */
const INSIDE_EXECUTABLE = '/$bunfs/';

/** The command line that makes a worker out of the program that runs now: `packyard worker <number>`. */
export function workerCommand(number: number): readonly string[] {
  const script = Bun.main.startsWith(INSIDE_EXECUTABLE) ? [] : [Bun.main];
  return [process.execPath, ...process.execArgv, ...script, 'worker', String(number)];
}
