import { html } from 'hono/html';

export interface Link {
  readonly text: string;
  /** Relative to the page. */
  readonly href: string;
}

/** A plain list of links, in the shape that directory indices have had for ever. Everything is escaped. */
export function linkPage(title: string, links: readonly Link[]): string {
  return String(html`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<ul>
${links.map(({ text, href }) => html`<li><a href="${href}">${text}</a></li>\n`)}</ul>
</body>
</html>
`);
}
