import type { Command } from 'commander';
import { PackyardClient } from '../client/packyard-client.ts';
import { type ClientConfig, loadClientConfig } from '../config/client-config.ts';
import type { CliContext } from './context.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

/** Options of every command that talks to a server; they may also stand before the command's name. */
export interface SessionOptions {
  readonly url?: string;
  readonly tokenStdin?: boolean;
  readonly json?: boolean;
}

export interface Session {
  readonly client: PackyardClient;
  /** What the client was made of. */
  readonly server: ClientConfig;
  readonly io: Io;
  readonly json: boolean;
  /** Prints a command's data: as JSON with `--json`, else the text, which is made only then. */
  print(data: unknown, text: () => string): void;
}

/** Declares the options of a session on a command. */
export function withSession(command: Command): Command {
  return command
    .option('--url <url>', 'address of the server (PACKYARD_URL; else http://127.0.0.1:8080)')
    .option('--token-stdin', 'read the token from standard input instead of PACKYARD_TOKEN')
    .option('--json', 'print the data as JSON');
}

/** Opens the session that a command's options and the environment describe. */
export async function openSession(context: CliContext, command: Command): Promise<Session> {
  const options = command.optsWithGlobals<SessionOptions>();
  const { io } = context;
  const json = options.json === true;
  const token = options.tokenStdin ? (await io.readInput()).trim() : undefined;
  if (token === '')
    throw new UsageError('--token-stdin: standard input is empty', 'printf %s "$TOKEN" | packyard --token-stdin …');
  const config = loadClientConfig({ url: options.url, token });
  const client = new PackyardClient(config);
  return { client, server: config, io, json, print: (data, text) => print(io, json, data, text) };
}

/** Prints data as JSON or as text. */
export function print(io: Io, json: boolean, data: unknown, text: () => string): void {
  io.data(json ? JSON.stringify(data, null, 2) : text());
}
