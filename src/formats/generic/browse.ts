import { type RenderedDocument, renderedDocument } from '../../registry/document-cache.ts';
import type { Repository, StoredFile } from '../../registry/model.ts';
import type { Registry } from '../../registry/registry.ts';
import { checksumLine, type Entry, type Listing, renderListing, renderListingJson } from './documents.ts';
import { LATEST } from './parse.ts';
import { compareVersions } from './version.ts';

/** Packages on one page of a listing. */
const PAGE = 1000;

export type ListingForm = 'html' | 'json';

/** What there is to see in a repository of files, as listings. `tar` gives them the shape they have below `/repo/tar/`. */
export class Browser {
  readonly #registry: Registry;
  readonly #repository: Repository;

  constructor(registry: Registry, repository: Repository) {
    this.#registry = registry;
    this.#repository = repository;
  }

  /** @param after what the page before ended with. Anybody can think of such names, so only the first page is kept. */
  async packages(form: ListingForm, tar: boolean, after: string): Promise<RenderedDocument> {
    const page = async () => {
      const found = await this.#registry.packages(this.#repository, { after, limit: PAGE + 1 });
      const entries = found.slice(0, PAGE).map(({ name }) => folder(name));
      const last = entries.at(-1)?.name ?? '';
      const next = found.length > PAGE ? `?after=${encodeURIComponent(last)}` : undefined;
      return render({ title: tar ? 'Tarball index' : this.#title(), entries, next }, form, false);
    };
    if (after !== '') return renderedDocument(new TextEncoder().encode(await page()));
    return this.#document(`packages:${tar}:${form}`, this.#repository.revision, page);
  }

  /** A package's files: by version, or below `/repo/tar/` all in one list. Undefined when there is no such package. */
  async versions(name: string, form: ListingForm, tar: boolean): Promise<RenderedDocument | undefined> {
    const pkg = await this.#registry.package(this.#repository, name);
    if (!pkg) return undefined;
    return this.#document(`versions:${tar}:${form}:${name}`, pkg.revision, async () => {
      const entries = tar
        ? (await this.#registry.files(this.#repository, name)).map((file) =>
            fileEntry(file, encodeURIComponent(file.name)),
          )
        : [...newestFirst(await this.#registry.versions(this.#repository, name)).map(folder), folder(LATEST)];
      return render({ title: tar ? 'Tarball index' : this.#title(name), entries }, form, true);
    });
  }

  /** One version's files; undefined when there is no such version. */
  async files(name: string, version: string, form: ListingForm): Promise<RenderedDocument | undefined> {
    const found = await this.#version(name, version);
    if (!found) return undefined;
    return this.#document(`files:${form}:${name}/${version}`, found.revision, async () => {
      const entries = found.files.map((file) => fileEntry(file, encodeURIComponent(file.name)));
      const sums: Entry = { name: 'SHA256SUMS', href: 'SHA256SUMS' };
      return render({ title: this.#title(name, found.version), entries: [...entries, sums] }, form, true);
    });
  }

  /** `SHA256SUMS` of a version, as `sha256sum --check` reads it. */
  async checksums(name: string, version: string): Promise<RenderedDocument | undefined> {
    const found = await this.#version(name, version);
    if (!found) return undefined;
    return this.#document(`sums:${name}/${version}`, found.revision, async () => {
      const sorted = [...found.files].sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted.map((file) => checksumLine(file.sha256.hex, file.name)).join('');
    });
  }

  /** The version that a name stands for: an alias, `latest` for the newest, or the version itself. */
  async resolve(name: string, version: string): Promise<string | undefined> {
    const aliases = await this.#registry.aliases(this.#repository, name);
    const alias = aliases.find((candidate) => candidate.name === version);
    if (alias) return alias.target;
    if (version !== LATEST) return version;
    return newestFirst(await this.#registry.versions(this.#repository, name))[0];
  }

  async #version(name: string, version: string) {
    const pkg = await this.#registry.package(this.#repository, name);
    const resolved = pkg && (await this.resolve(name, version));
    if (!pkg || resolved === undefined) return undefined;
    const files = await this.#registry.files(this.#repository, name, resolved);
    return files.length > 0 ? { version: resolved, files, revision: pkg.revision } : undefined;
  }

  /** @param key with `/` between names: unlike a colon, no name has it */
  #document(key: string, revision: number, render: () => Promise<string>): Promise<RenderedDocument> {
    return this.#registry.documents.get(`generic:${this.#repository.id}:${key}`, revision, async () =>
      new TextEncoder().encode(await render()),
    );
  }

  #title(...parts: string[]): string {
    return ['generic', this.#repository.ref.name, ...parts].join('/');
  }
}

function render(listing: Listing, form: ListingForm, parent: boolean): string {
  return form === 'json' ? renderListingJson(listing) : renderListing(listing, parent);
}

function folder(name: string): Entry {
  return { name, href: `${encodeURIComponent(name)}/` };
}

function fileEntry(file: StoredFile, href: string): Entry {
  return { name: file.name, href, size: file.size, sha256: file.sha256.hex, publishedAt: file.publishedAt };
}

function newestFirst(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => compareVersions(b, a));
}
