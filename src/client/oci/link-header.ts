const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g;
const PARAMETER = /;\s*([^\s=;,]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;,"]+)))?/g;

/** The address of the next page in a `Link` header (RFC 8288): `<…>; rel="next"`, perhaps among others. */
export function nextLink(header: string | null): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(LINK)) {
    for (const [, name, quoted, bare] of parameters.matchAll(PARAMETER)) {
      const relations = (quoted ?? bare ?? '').toLowerCase().split(/\s+/);
      if (name?.toLowerCase() === 'rel' && relations.includes('next')) return target;
    }
  }
  return undefined;
}
