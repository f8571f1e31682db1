/** The files that a .dsc or .changes lists, by their base names: as its own parser would, but for an uploader to look for. */
export function companions(fileName: string, text: string): readonly string[] {
  if (!/\.(dsc|changes)$/.test(fileName)) return [];
  const names = new Set<string>();
  for (const [, list = ''] of text.matchAll(/^Checksums-Sha256:[ \t]*((?:\n[ \t].*)*)/gim))
    for (const line of list.split('\n')) {
      const name = line.trim().split(/\s+/)[2];
      if (name && !/[/\\]/.test(name) && !name.startsWith('.')) names.add(name);
    }
  return [...names];
}
