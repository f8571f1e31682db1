import { checkTag } from '../../../client/oci/names.ts';
import { UsageError } from '../../usage-error.ts';
import type { DxfSession } from './dxf-session.ts';

/** One of the commands, as the original's help has it. */
export interface DxfCommand {
  readonly name: string;
  /** The arguments, for people. */
  readonly usage: string;
  readonly summary: string;
  /** Default true. */
  readonly takesRepository?: boolean;
  /** @param args what follows the repository */
  readonly run: (session: DxfSession, args: readonly string[]) => Promise<void>;
}

/** @throws UsageError in the original's words */
export function checkCount(args: readonly string[], least: number, most = Number.POSITIVE_INFINITY): void {
  if (args.length < least) throw new UsageError('too few arguments');
  if (args.length > most) throw new UsageError('too many arguments');
}

/** The name in `@name`, checked before anything is sent; undefined where there is none. */
export function aliasIn(argument: string | undefined): string | undefined {
  if (argument === undefined) return undefined;
  if (!argument.startsWith('@')) throw new UsageError('invalid alias');
  return checkTag(argument.slice(1));
}
