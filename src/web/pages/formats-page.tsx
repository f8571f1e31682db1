import type { Format } from '../../formats/format.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { Trail } from '../components/trail.tsx';

/** Names in the order in which scripts of an older server expect their links. */
const FIRST = ['apt', 'pypi', 'tar'];

function rank(format: Format): number {
  const ranks = [format.id, ...format.olderNames].map((name) => FIRST.indexOf(name)).filter((index) => index >= 0);
  return ranks.length === 0 ? FIRST.length : Math.min(...ranks);
}

/** One link for each name of each format. */
export function FormatsPage({ frame, formats }: { readonly frame: PageFrame; readonly formats: readonly Format[] }) {
  return (
    <Layout frame={frame} title="Indices">
      <Trail steps={[{ text: 'Packyard', href: frame.links.home }]} />
      <h1>Indices</h1>
      <p class="lead">What the clients of each format read.</p>
      <ul class="rows">
        {formats
          .toSorted((left, right) => rank(left) - rank(right))
          .map((format) => (
            <li>
              <a href={frame.links.format(format.id)}>{format.id}</a>
              <span>{format.title}</span>
              {format.olderNames.length > 0 && (
                <span class="quiet">
                  also{' '}
                  {format.olderNames.map((name) => (
                    <a href={frame.links.format(name)}>{name}</a>
                  ))}
                </span>
              )}
            </li>
          ))}
      </ul>
    </Layout>
  );
}
