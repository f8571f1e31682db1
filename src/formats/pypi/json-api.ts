import type { StoredFile } from '../../registry/model.ts';
import type { CoreMetadata } from './core-metadata.ts';
import { distributionMetadata } from './distribution.ts';
import { uploadTime } from './documents.ts';
import { compareVersions, isPreRelease } from './version.ts';

/** What `/pypi/{name}/json` shows. */
export interface JsonApiPage {
  /** Normalised. */
  readonly name: string;
  /** All files of the project. */
  readonly files: readonly StoredFile[];
  /** The version that `info` and `urls` describe, and its core metadata. */
  readonly version: string;
  readonly core: CoreMetadata | undefined;
  /** Whether every version's files are listed under `releases`: only in the project's own document. */
  readonly withReleases: boolean;
  /** The repository's absolute address with a slash at its end. */
  readonly repositoryUrl: string;
  /** The package's revision: `last_serial`. */
  readonly serial: number;
}

/** The version that a project shows first: the newest that is neither yanked nor a pre-release, if there is one. */
export function latestVersion(files: readonly StoredFile[]): string | undefined {
  const available = files.filter((file) => file.yanked === undefined);
  const stable = available.filter((file) => !isPreRelease(file.version));
  const candidates = [stable, available, files].find((list) => list.length > 0) ?? [];
  return candidates
    .map((file) => file.version)
    .sort(compareVersions)
    .at(-1);
}

/** A project or release in Warehouse's JSON form, which Dependabot and older Poetry read. */
export function jsonApiDocument(page: JsonApiPage): Uint8Array<ArrayBuffer> {
  const released = page.files.filter((file) => file.version === page.version);
  const releases: Record<string, unknown[]> = {};
  for (const file of page.withReleases ? sortByVersion(page.files) : []) {
    const list = releases[file.version] ?? [];
    releases[file.version] = list;
    list.push(fileObject(file, page));
  }
  const document = {
    info: info(page, released),
    last_serial: page.serial,
    releases: page.withReleases ? releases : undefined,
    urls: released.map((file) => fileObject(file, page)),
    vulnerabilities: [],
  };
  return new TextEncoder().encode(JSON.stringify(document));
}

function sortByVersion(files: readonly StoredFile[]): readonly StoredFile[] {
  return [...files].sort((left, right) => compareVersions(left.version, right.version));
}

function info(page: JsonApiPage, released: readonly StoredFile[]) {
  const { core } = page;
  const all = (field: string): readonly string[] => core?.fields.get(field) ?? [];
  const text = (field: string): string => all(field)[0] ?? '';
  const optional = (field: string): string | null => all(field)[0] ?? null;
  const list = (field: string): readonly string[] | null => (all(field).length > 0 ? all(field) : null);
  const projectUrl = `${page.repositoryUrl}${page.name}/`;
  const yanked = released.length > 0 && released.every((file) => file.yanked !== undefined);
  return {
    author: text('author'),
    author_email: text('author-email'),
    bugtrack_url: null,
    classifiers: all('classifier'),
    description: core?.description ?? '',
    description_content_type: optional('description-content-type'),
    docs_url: null,
    download_url: text('download-url'),
    downloads: { last_day: -1, last_month: -1, last_week: -1 },
    dynamic: list('dynamic'),
    home_page: text('home-page'),
    keywords: text('keywords'),
    license: optional('license'),
    license_expression: optional('license-expression'),
    license_files: list('license-file'),
    maintainer: text('maintainer'),
    maintainer_email: text('maintainer-email'),
    name: core?.name ?? page.name,
    package_url: projectUrl,
    platform: optional('platform'),
    project_url: projectUrl,
    project_urls: projectUrls(all('project-url')),
    provides_extra: list('provides-extra'),
    release_url: projectUrl,
    requires_dist: list('requires-dist'),
    requires_python: optional('requires-python'),
    summary: text('summary'),
    version: page.version,
    yanked,
    yanked_reason: (yanked && released[0]?.yanked) || null,
  };
}

/** `Label, https://…` pairs as an object; null when there are none. */
function projectUrls(values: readonly string[]): Readonly<Record<string, string>> | null {
  const pairs = values.flatMap((value): [string, string][] => {
    const comma = value.indexOf(',');
    return comma < 0 ? [] : [[value.slice(0, comma).trim(), value.slice(comma + 1).trim()]];
  });
  return pairs.length === 0 ? null : Object.fromEntries(pairs);
}

function fileObject(file: StoredFile, page: JsonApiPage) {
  const { fileType, pythonTag, requiresPython } = distributionMetadata(file);
  return {
    comment_text: null,
    digests: { sha256: file.sha256.hex },
    downloads: -1,
    filename: file.name,
    has_sig: false,
    packagetype: fileType ?? null,
    python_version: pythonTag ?? null,
    requires_python: requiresPython ?? null,
    size: file.size,
    upload_time: uploadTime(file.publishedAt).slice(0, 19),
    upload_time_iso_8601: uploadTime(file.publishedAt),
    url: `${page.repositoryUrl}${page.name}/${encodeURIComponent(file.name)}`,
    yanked: file.yanked !== undefined,
    yanked_reason: file.yanked || null,
  };
}
