/** Whether `If-None-Match` names this entity, compared weakly as RFC 9110 §13.1.2 asks. */
export function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque);
}

/** Whether a range may be served: no `If-Range`, or one that names exactly this entity or a time not before its change. */
export function rangeIsCurrent(header: string | null, etag: string, lastModified: number): boolean {
  if (header === null) return true;
  const value = header.trim();
  if (value.startsWith('"') || value.startsWith('W/')) return value === etag;
  const time = Date.parse(value);
  return !Number.isNaN(time) && time === Math.floor(lastModified / 1000) * 1000;
}
