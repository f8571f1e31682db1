import pino from 'pino';
import { LogDestination } from './log-destination.ts';
import { redactFields } from './redact.ts';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level: pino.LevelWithSilent;
  /** `auto`: pretty when the target is a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** A file descriptor or a path; standard error if left out, because standard output is for data. */
  readonly target?: number | string;
  /** What every line carries, e.g. which of several processes wrote it. */
  readonly fields?: Readonly<Record<string, string | number>>;
}

const STANDARD_ERROR = 2;

/**
 * Makes the server's logger: JSON lines (`time`, `level`, `msg` and the fields given), or the same for people.
 * Call `logger.flush()` to have everything written before going on.
 */
export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const { target = STANDARD_ERROR } = options;
  const pretty = options.format === 'pretty' || (options.format === 'auto' && isTerminal(target));
  // Formatting happens here, not in a stream behind: so it takes part in the flush at the end of the process.
  const destination = new LogDestination(target, pretty ? (await import('./pretty-line.ts')).prettyLine : undefined);
  return pino(
    {
      level: options.level,
      base: options.fields ?? null,
      timestamp: timestamp(),
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    destination,
  );
}

function isTerminal(target: number | string): boolean {
  return target === STANDARD_ERROR && process.stderr.isTTY === true;
}

/** The time as text, made once for all lines of a millisecond. */
export function timestamp(): () => string {
  let last = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}
