import { icon } from './icon.ts';
import { script } from './script.ts';
import { stylesheet } from './stylesheet.ts';

export interface Asset {
  /** With the content's hash in it, so that the address may be cached for ever. */
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

export const assets = {
  stylesheet: asset('style', 'css', 'text/css; charset=utf-8', stylesheet),
  script: asset('page', 'js', 'text/javascript; charset=utf-8', script),
  icon: asset('icon', 'svg', 'image/svg+xml', icon),
} as const;

const byName = new Map<string, Asset>(Object.values(assets).map((entry) => [entry.name, entry]));

export function findAsset(name: string): Asset | undefined {
  return byName.get(name);
}

function asset(stem: string, extension: string, contentType: string, content: string): Asset {
  const hash = new Bun.CryptoHasher('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${stem}.${hash}.${extension}`, contentType, content };
}
