import type { PackageStatus, StoredFile } from '../../registry/model.ts';
import { distributionMetadata } from './distribution.ts';
import { compareVersions } from './version.ts';

/** The simple repository API that these documents follow: 1.4 has PEP 503, 592, 629, 658, 691, 700, 714 and 792. */
export const API_VERSION = '1.4';

/** What a project's page shows. */
export interface ProjectPage {
  /** Normalised. */
  readonly name: string;
  readonly status: PackageStatus;
  readonly statusReason: string;
  readonly files: readonly StoredFile[];
  /** What leads from the page's address to the project's files, e.g. nothing or `../../name/`. */
  readonly linkPrefix: string;
}

/** The list of projects in HTML, with links relative to the index root. */
export function rootHtml(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const links = names.map((name) => `<a href="${encodeURIComponent(name)}/">${escapeHtml(name)}</a><br>\n`);
  return encode(page('Simple index', '', links.join('')));
}

export function rootJson(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return encode(JSON.stringify({ meta: { 'api-version': API_VERSION }, projects: names.map((name) => ({ name })) }));
}

export function projectHtml(project: ProjectPage): Uint8Array<ArrayBuffer> {
  const { name, status, statusReason } = project;
  const head =
    `<meta name="pypi:project-status" content="${status}">\n` +
    (statusReason === '' ? '' : `<meta name="pypi:project-status-reason" content="${escapeHtml(statusReason)}">\n`);
  const links = offeredFiles(project).map((file) => anchor(file, project.linkPrefix));
  return encode(page(`Links for ${escapeHtml(name)}`, head, links.join('')));
}

export function projectJson(project: ProjectPage): Uint8Array<ArrayBuffer> {
  const files = offeredFiles(project);
  const versions = [...new Set(files.map((file) => file.version))].sort(compareVersions);
  return encode(
    JSON.stringify({
      meta: { 'api-version': API_VERSION },
      name: project.name,
      'project-status': { status: project.status, reason: project.statusReason || undefined },
      versions,
      files: files.map((file) => fileJson(file, project.linkPrefix)),
    }),
  );
}

/** Project status markers: an index must not offer the files of a quarantined project. */
function offeredFiles(project: ProjectPage): readonly StoredFile[] {
  return project.status === 'quarantined' ? [] : project.files;
}

function anchor(file: StoredFile, prefix: string): string {
  const { requiresPython, coreMetadataSha256 } = distributionMetadata(file);
  const attributes = [`href="${escapeHtml(prefix + encodeURIComponent(file.name))}#sha256=${file.sha256.hex}"`];
  if (requiresPython !== undefined) attributes.push(`data-requires-python="${escapeHtml(requiresPython)}"`);
  if (file.yanked !== undefined) attributes.push(`data-yanked="${escapeHtml(file.yanked)}"`);
  if (coreMetadataSha256 !== undefined) {
    // PEP 714: clients from before the renaming look for the second of them.
    const value = `sha256=${escapeHtml(coreMetadataSha256)}`;
    attributes.push(`data-core-metadata="${value}"`, `data-dist-info-metadata="${value}"`);
  }
  return `<a ${attributes.join(' ')}>${escapeHtml(file.name)}</a><br>\n`;
}

function fileJson(file: StoredFile, prefix: string) {
  const { requiresPython, coreMetadataSha256 } = distributionMetadata(file);
  return {
    filename: file.name,
    url: prefix + encodeURIComponent(file.name),
    hashes: { sha256: file.sha256.hex },
    'requires-python': requiresPython,
    size: file.size,
    'upload-time': uploadTime(file.publishedAt),
    // The reason may be empty, and an empty string would mean that the file is not yanked.
    yanked: file.yanked === undefined ? false : file.yanked || true,
    // Never `dist-info-metadata`: pip 23.0 crashes on it in JSON.
    'core-metadata': coreMetadataSha256 === undefined ? false : { sha256: coreMetadataSha256 },
  };
}

/** `yyyy-mm-ddThh:mm:ss.ffffffZ`, with the microseconds that PEP 700's pattern shows. */
export function uploadTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

function page(title: string, head: string, body: string): string {
  return (
    '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n' +
    `<meta name="pypi:repository-version" content="${API_VERSION}">\n${head}` +
    `<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n${body}</body>\n</html>\n`
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
