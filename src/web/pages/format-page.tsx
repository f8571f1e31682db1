import type { Format } from '../../formats/format.ts';
import type { Repository } from '../../registry/model.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { Trail } from '../components/trail.tsx';

interface FormatPageProps {
  readonly frame: PageFrame;
  readonly format: Format;
  /** The name of the format in this page's address: its id or an older one. Links keep to it. */
  readonly name: string;
  readonly repositories: readonly Repository[];
}

/** A format's repositories, with links to what its clients read. */
export function FormatPage({ frame, format, name, repositories }: FormatPageProps) {
  const { links } = frame;
  return (
    <Layout frame={frame} title={format.title}>
      <Trail
        steps={[
          { text: 'Packyard', href: links.home },
          { text: 'Indices', href: links.formats },
        ]}
      />
      <h1>{format.title}</h1>
      {repositories.length === 0 ? (
        <div class="empty">
          <p>There is no {name} repository here that you may see. The first upload creates one.</p>
        </div>
      ) : (
        <ul class="rows">
          {repositories.map(({ ref }) => (
            <li>
              <a href={links.index({ ...ref, format: name })}>{ref.name}</a>
              <span class="quiet">
                <a href={links.repository(ref)}>Packages and set-up</a>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Layout>
  );
}
