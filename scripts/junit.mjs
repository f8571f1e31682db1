/**
 * Reads the JUnit report of a test run.
 * @param {string} xml
 * @returns {{passed: number, failed: string[], skipped: string[]}} names as `file > group > test`
 */
export function readJunit(xml) {
  const results = { passed: 0, failed: [], skipped: [] };
  for (const [, attributes, selfClosed, body] of xml.matchAll(
    /<testcase\b((?:[^>"]|"[^"]*")*?)(\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const content = selfClosed === '/>' ? '' : (body ?? '');
    const name = [attribute(attributes, 'file'), attribute(attributes, 'classname'), attribute(attributes, 'name')]
      .filter(Boolean)
      .join(' > ');
    if (/<(failure|error)\b/.test(content)) results.failed.push(name);
    else if (/<skipped\b/.test(content)) results.skipped.push(name);
    else results.passed += 1;
  }
  return results;
}

function attribute(attributes, name) {
  const value = attributes.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`))?.[1] ?? '';
  return value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
