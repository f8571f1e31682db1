import { prettyFactory } from 'pino-pretty';

/**
 * One JSON log line as a person reads it. The message can contain what a client sent, so control characters are shown,
 * not obeyed.
 */
export const prettyLine: (line: string) => string = prettyFactory({
  colorize: process.stderr.isTTY === true,
  translateTime: 'SYS:HH:MM:ss.l',
  singleLine: true,
  messageFormat: (log, key) => showControls(String(log[key] ?? '')),
});

function showControls(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
