/** Text from a server or a package as it may be shown on a terminal: control characters become visible. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same for one line: line ends become visible too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
