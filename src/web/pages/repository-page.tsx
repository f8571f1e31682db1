import type { Format, UsageSnippet } from '../../formats/format.ts';
import { describeRetention, hasRules } from '../../model/retention.ts';
import type { Package, Repository } from '../../registry/model.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { MoreHits } from '../components/more-hits.tsx';
import { SearchForm } from '../components/search-form.tsx';
import { Snippets } from '../components/snippets.tsx';
import { Time } from '../components/time.tsx';
import { Trail } from '../components/trail.tsx';

interface RepositoryPageProps {
  readonly frame: PageFrame;
  readonly format: Format;
  readonly repository: Repository;
  readonly packages: readonly Package[];
  readonly snippets: readonly UsageSnippet[];
  /** What was searched for; empty when nothing was. */
  readonly search: string;
  /** The page begins after this name. */
  readonly after?: string;
  /** The next page begins after this name. */
  readonly next?: string;
  /** Whether the search found more than is shown. */
  readonly more: boolean;
}

export function RepositoryPage(props: RepositoryPageProps) {
  const { frame, format, repository, packages, snippets, search, after, next, more } = props;
  const { links } = frame;
  const { ref } = repository;
  const isEmpty = packages.length === 0 && search === '' && after === undefined;
  return (
    <Layout frame={frame} title={`${ref.name} · ${ref.format}`}>
      <Trail
        steps={[
          { text: 'Packyard', href: links.home },
          { text: format.title, href: links.format(ref.format) },
        ]}
      />
      <h1>
        {ref.name}
        {repository.visibility !== 'default' && <span class="badge">{repository.visibility}</span>}
      </h1>
      <p class="quiet">
        Created <Time at={repository.createdAt} /> · revision {repository.revision} ·{' '}
        {repository.writePolicy === 'immutable' ? 'published files never change' : 'uploads may replace files'} ·{' '}
        <a href={links.index(ref)}>index</a>
      </p>
      <p class="quiet">{rulesInWords(repository)}</p>

      <section aria-labelledby="set-up">
        <h2 id="set-up">Set-up</h2>
        <Snippets snippets={snippets} open={isEmpty} />
      </section>

      <section aria-labelledby="packages">
        <h2 id="packages">Packages</h2>
        {isEmpty ? (
          <div class="empty">
            <p>Nothing is published here yet. The set-up above shows how.</p>
          </div>
        ) : (
          <>
            <SearchForm text={search} label="Name" />
            {packages.length === 0 ? (
              <p class="empty">
                {search === '' ? 'No more packages.' : `No package here has “${search}” in its name.`}
              </p>
            ) : (
              <PackageRows frame={frame} repository={repository} packages={packages} />
            )}
            {more && <MoreHits count={packages.length} />}
            <nav class="pages" aria-label="Pages">
              {(after !== undefined || search !== '') && (
                <a href={links.repository(ref)}>{search === '' ? 'First page' : 'All packages'}</a>
              )}
              {next !== undefined && (
                <a rel="next" href={links.repository(ref, { after: next })}>
                  Next page
                </a>
              )}
            </nav>
          </>
        )}
      </section>
    </Layout>
  );
}

/** What happens to versions that get old, and to the repository when it is empty. */
function rulesInWords({ retention, keepEmpty }: Repository): string {
  const versions = hasRules(retention)
    ? `Of each package: ${describeRetention(retention)}; also what an alias points at and what installers choose by themselves.`
    : 'Versions stay until somebody deletes them.';
  return keepEmpty ? versions : `${versions} The repository goes out of view with its last file.`;
}

function PackageRows({ frame, repository, packages }: Pick<RepositoryPageProps, 'frame' | 'repository' | 'packages'>) {
  return (
    <ul class="rows">
      {packages.map(({ name, displayName, status }) => (
        <li>
          <span>
            <a href={frame.links.package(repository.ref, name)}>{displayName}</a>
            {status !== 'active' && <span class="badge warning">{status}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
