import { formatRepositoryRef } from '../../model/repository-ref.ts';
import type { SearchResult } from '../../registry/search.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { MoreHits } from '../components/more-hits.tsx';
import { SearchForm } from '../components/search-form.tsx';
import { Trail } from '../components/trail.tsx';

interface SearchPageProps {
  readonly frame: PageFrame;
  readonly text: string;
  /** Undefined before anything was searched for. */
  readonly result?: SearchResult;
}

/** Packages of all repositories that the visitor may read, found by their names. */
export function SearchPage({ frame, text, result }: SearchPageProps) {
  const { links } = frame;
  return (
    <Layout frame={frame} title={text === '' ? 'Search' : `${text} · Search`}>
      <Trail steps={[{ text: 'Packyard', href: links.home }]} />
      <h1>Search</h1>
      <SearchForm action={links.search} text={text} label="Name of a package" />
      {result && <Hits frame={frame} text={text} result={result} />}
    </Layout>
  );
}

function Hits({ frame: { links }, text, result: { hits, more } }: Required<SearchPageProps>) {
  if (hits.length === 0) return <p class="empty">No package that you may see has “{text}” in its name.</p>;
  return (
    <>
      <ul class="rows">
        {hits.map(({ repository: { ref }, package: found }) => (
          <li>
            <span>
              <a href={links.package(ref, found.name)}>{found.displayName}</a>
              {found.status !== 'active' && <span class="badge warning">{found.status}</span>}
            </span>
            <a class="quiet" href={links.repository(ref)}>
              {formatRepositoryRef(ref)}
            </a>
          </li>
        ))}
      </ul>
      {more && <MoreHits count={hits.length} />}
    </>
  );
}
