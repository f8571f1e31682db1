import type { Format, UsageSnippet } from '../../formats/format.ts';
import type { Repository } from '../../registry/model.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { SearchForm } from '../components/search-form.tsx';
import { Snippets } from '../components/snippets.tsx';

interface HomePageProps {
  readonly frame: PageFrame;
  /** Formats with those of their repositories that the visitor may read. */
  readonly groups: readonly { readonly format: Format; readonly repositories: readonly Repository[] }[];
  /** How to publish first, by format; for when there is nothing to show. */
  readonly firstSteps: readonly { readonly format: Format; readonly snippets: readonly UsageSnippet[] }[];
}

export function HomePage({ frame, groups, firstSteps }: HomePageProps) {
  const filled = groups.filter(({ repositories }) => repositories.length > 0);
  return (
    <Layout frame={frame} title="">
      <h1>Packages, in one yard</h1>
      <p class="lead">
        This server keeps the packages that a team makes. Open a repository to see what is in it and how to set up the
        tools that you use already.
      </p>
      {filled.length > 0 && <SearchForm action={frame.links.search} label="Name of a package" />}
      {filled.map(({ format, repositories }) => (
        <section>
          <h2>{format.title}</h2>
          <ul class="rows">
            {repositories.map((repository) => (
              <li>
                <span>
                  <a href={frame.links.repository(repository.ref)}>{repository.ref.name}</a>
                  {repository.visibility === 'private' && <span class="badge">private</span>}
                </span>
                <span class="quiet">{format.id}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {filled.length === 0 && <Empty frame={frame} firstSteps={firstSteps} />}
    </Layout>
  );
}

function Empty({ frame, firstSteps }: Pick<HomePageProps, 'frame' | 'firstSteps'>) {
  const signedIn = frame.principal?.kind === 'user';
  return (
    <section>
      <div class="empty">
        <p>There is no repository here{signedIn ? ' yet' : ' that you may see'}.</p>
        <p>
          {!signedIn && (
            <>
              <a href={frame.links.signIn}>Sign in</a> with a token if you expected one.{' '}
            </>
          )}
          The first upload creates a repository.
        </p>
      </div>
      <h2>First steps</h2>
      {firstSteps.map(({ format, snippets }) => (
        <details>
          <summary>{format.title}: a repository called tools</summary>
          <Snippets snippets={snippets} />
        </details>
      ))}
    </section>
  );
}
