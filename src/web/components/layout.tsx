import type { Child } from 'hono/jsx';
import type { Principal } from '../../model/principal.ts';
import { assets } from '../assets/index.ts';
import type { Links } from '../links.ts';

/** What every page knows of its request. */
export interface PageFrame {
  readonly links: Links;
  /** Unknown on pages that say why the log-in failed. */
  readonly principal?: Principal;
}

interface LayoutProps {
  readonly frame: PageFrame;
  readonly title: string;
  readonly children?: Child;
}

export function Layout({ frame: { links, principal }, title, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title === '' ? 'Packyard' : `${title} · Packyard`}</title>
        <link rel="icon" type="image/svg+xml" href={links.asset(assets.icon.name)} />
        <link rel="stylesheet" href={links.asset(assets.stylesheet.name)} />
        <script src={links.asset(assets.script.name)} defer />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <header class="bar">
          <a class="brand" href={links.home}>
            <img src={links.asset(assets.icon.name)} alt="" width="24" height="24" />
            Packyard
          </a>
          <span class="who">
            {principal?.kind === 'user' ? `Signed in as ${principal.name}` : <a href={links.signIn}>Sign in</a>}
          </span>
        </header>
        <main id="content">{children}</main>
        <footer>
          <a href={links.formats}>Indices</a>
          <a href={links.apiDocument}>API</a>
        </footer>
      </body>
    </html>
  );
}
