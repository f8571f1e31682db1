import type { Command } from 'commander';
import type { ConfigFlags } from '../config/load-config.ts';
import { SETTING_KEYS, type SettingKey, settingOf } from '../config/settings.ts';

/** What commander makes of the flags: `--log-level` becomes `logLevel`. */
export type ServerOptions = Readonly<Record<string, unknown>>;

/** Declares `--config` and the flags of the server's settings, all of them or only some. */
export function withServerOptions(command: Command, keys: readonly SettingKey[] = SETTING_KEYS): Command {
  for (const key of keys) {
    const { flag, placeholder = 'value', summary, fallback } = settingOf(key);
    if (flag === undefined) continue;
    command.option(`${flag} <${placeholder}>`, fallback === undefined ? summary : `${summary} (default: ${fallback})`);
  }
  return command.option(
    '--config <file>',
    'configuration file (default: packyard.yaml in this folder, if it is there)',
  );
}

/** The flags that were given, by setting. */
export function serverFlags(options: ServerOptions): ConfigFlags {
  const flags: Partial<Record<SettingKey | 'config', string>> = {};
  for (const key of [...SETTING_KEYS, 'config'] as const) {
    const value = options[key.replace(/[._](.)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags;
}
