import type { Command } from 'commander';
import type { Io } from './io.ts';

/** What every command gets. */
export interface CliContext {
  readonly io: Io;
  /** What the process ends with unless the command throws. */
  exitCode: number;
}

/** Adds a command, or a group of them, to the program. */
export type RegisterCommand = (program: Command, context: CliContext) => void;
