import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** One line of a listing; `href` is relative to the page. */
export interface Entry {
  readonly name: string;
  readonly href: string;
  /** Files have these. */
  readonly size?: number;
  readonly sha256?: string;
  readonly publishedAt?: number;
}

export interface Listing {
  readonly title: string;
  readonly entries: readonly Entry[];
  /** Where the list goes on. */
  readonly next?: string;
}

/** A listing for people, in the shape that directory indices have had for ever. Pure; everything is escaped. */
export function renderListing(listing: Listing, parent: boolean): string {
  return String(html`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${listing.title}</title></head>
<body>
<h1>${listing.title}</h1>
<ul>
${parent ? html`<li><a href="../">../</a></li>\n` : ''}${listing.entries.map(renderEntry)}</ul>
${listing.next ? html`<p><a rel="next" href="${listing.next}">more</a></p>\n` : ''}</body>
</html>
`);
}

function renderEntry(entry: Entry): HtmlEscapedString | Promise<HtmlEscapedString> {
  const facts = entry.size === undefined ? '' : ` ${entry.size} bytes, sha256 ${entry.sha256}`;
  return html`<li><a href="${entry.href}">${entry.name}</a>${facts}</li>\n`;
}

/** The same for programs. */
export function renderListingJson(listing: Listing): string {
  const entries = listing.entries.map(({ publishedAt, ...entry }) => ({
    ...entry,
    publishedAt: publishedAt === undefined ? undefined : new Date(publishedAt).toISOString(),
  }));
  return `${JSON.stringify({ title: listing.title, items: entries, next: listing.next })}\n`;
}

/** A line as `sha256sum` writes it and `sha256sum --check` reads it: names with a backslash cannot occur. */
export function checksumLine(sha256: string, name: string): string {
  return `${sha256}  ${name}\n`;
}
