import type { Format } from '../../formats/format.ts';
import type { Alias, Package, Repository, StoredFile } from '../../registry/model.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';
import { Time } from '../components/time.tsx';
import { Trail } from '../components/trail.tsx';
import { formatSize } from '../format-size.ts';

export interface VersionEntry {
  readonly version: string;
  readonly files: readonly StoredFile[];
}

interface PackagePageProps {
  readonly frame: PageFrame;
  readonly format: Format;
  readonly repository: Repository;
  readonly package: Package;
  readonly aliases: readonly Alias[];
  /** The versions of this page, newest first. */
  readonly versions: readonly VersionEntry[];
  readonly versionCount: number;
  /** The version with which the next page begins. */
  readonly next?: string;
}

export function PackagePage(props: PackagePageProps) {
  const { frame, format, repository, package: entry, aliases, versions, versionCount, next } = props;
  const { links } = frame;
  const { ref } = repository;
  return (
    <Layout frame={frame} title={`${entry.displayName} · ${ref.name}`}>
      <Trail
        steps={[
          { text: 'Packyard', href: links.home },
          { text: format.title, href: links.format(ref.format) },
          { text: ref.name, href: links.repository(ref) },
        ]}
      />
      <h1>{entry.displayName}</h1>
      <p class="quiet">{versionCount === 1 ? '1 version' : `${versionCount} versions`}</p>
      {entry.status !== 'active' && (
        <p class="notice">
          This package is {entry.status}
          {entry.statusReason === '' ? '.' : `: ${entry.statusReason}`}
        </p>
      )}
      {aliases.length > 0 && (
        <section>
          <h2>Aliases</h2>
          <ul class="rows">
            {aliases.map(({ name, target }) => (
              <li>
                <span>{name}</span>
                <span class="quiet">{target}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <h2>Versions</h2>
      {versions.map((version) => (
        <Version frame={frame} repository={repository} entry={version} />
      ))}
      {next !== undefined && (
        <nav class="pages" aria-label="Pages">
          <a rel="next" href={links.package(ref, entry.name, { from: next })}>
            Older versions
          </a>
        </nav>
      )}
    </Layout>
  );
}

interface VersionProps {
  readonly frame: PageFrame;
  readonly repository: Repository;
  readonly entry: VersionEntry;
}

function Version({ frame, repository, entry: { version, files } }: VersionProps) {
  return (
    <section class="version">
      <h3>{version}</h3>
      <ul class="files">
        {files.map((file) => (
          <li>
            <a href={frame.links.file(repository.ref, file.path)}>{file.name}</a>
            {file.yanked !== undefined && <span class="badge warning">yanked</span>}
            <div class="quiet">
              <span title={`${file.size} bytes`}>{formatSize(file.size)}</span> · <Time at={file.publishedAt} /> ·{' '}
              {file.publishedBy}
            </div>
            {file.yanked !== undefined && file.yanked !== '' && <p class="notice">Yanked: {file.yanked}</p>}
            <div class="digest" data-copy={`the sha256 of ${file.name}`}>
              <span class="quiet">sha256</span>
              <code>{file.sha256.hex}</code>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
