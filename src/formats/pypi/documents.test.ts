import { describe, expect, test } from 'bun:test';
import { Digest } from '../../model/digest.ts';
import type { PackageStatus, StoredFile } from '../../registry/model.ts';
import { parseCoreMetadata } from './core-metadata.ts';
import { type ProjectPage, projectHtml, projectJson, rootHtml, rootJson } from './documents.ts';
import { metadataText } from './fixtures/distributions.ts';
import { jsonApiDocument, latestVersion } from './json-api.ts';

const SHA256 = 'a'.repeat(64);

function file(name: string, change: Partial<StoredFile> = {}): StoredFile {
  return {
    id: 1,
    repositoryId: 1,
    package: 'demo',
    version: '1.0',
    name,
    path: `demo/${name}`,
    size: 1234,
    sha256: Digest.sha256(SHA256),
    storageKey: 'key',
    metadata: { fileType: 'sdist', pythonTag: 'source' },
    publishedAt: Date.UTC(2026, 10, 21, 12, 30, 15, 123),
    publishedBy: 'somebody',
    yanked: undefined,
    packageStatus: 'active',
    ...change,
  };
}

function project(files: readonly StoredFile[], change: Partial<ProjectPage> = {}): ProjectPage {
  return { name: 'demo', status: 'active', statusReason: '', files, linkPrefix: '', ...change };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const json = (bytes: Uint8Array) => JSON.parse(text(bytes));

const wheelMetadata = {
  fileType: 'bdist_wheel',
  pythonTag: 'py3',
  requiresPython: '>=3.9,<4',
  coreMetadataSha256: 'b'.repeat(64),
};

describe('the list of projects', () => {
  test('has one relative link for each in HTML', () => {
    const html = text(rootHtml(['a', 'zope-interface']));
    expect(html).toContain('<meta name="pypi:repository-version" content="1.4">');
    expect(html.match(/<a href="[^"]*">[^<]*<\/a>/g)).toEqual([
      '<a href="a/">a</a>',
      '<a href="zope-interface/">zope-interface</a>',
    ]);
  });

  test('has their names in JSON', () => {
    expect(json(rootJson(['a', 'b']))).toEqual({
      meta: { 'api-version': '1.4' },
      projects: [{ name: 'a' }, { name: 'b' }],
    });
  });
});

describe("a project's page in HTML", () => {
  test('links each file with its digest and what installers choose by', () => {
    const html = text(projectHtml(project([file('demo-1.0-py3-none-any.whl', { metadata: wheelMetadata })])));
    expect(html).toContain(
      `<a href="demo-1.0-py3-none-any.whl#sha256=${SHA256}" data-requires-python="&gt;=3.9,&lt;4" ` +
        `data-core-metadata="sha256=${'b'.repeat(64)}" data-dist-info-metadata="sha256=${'b'.repeat(64)}">` +
        'demo-1.0-py3-none-any.whl</a>',
    );
    expect(html).toContain('<meta name="pypi:project-status" content="active">');
    expect(html).not.toContain('project-status-reason');
  });

  test('links relative to the page, percent-encoded', () => {
    const html = text(projectHtml(project([file('demo-1.0+x.tar.gz')], { linkPrefix: '../../demo/' })));
    expect(html).toContain('href="../../demo/demo-1.0%2Bx.tar.gz#sha256=');
  });

  test('marks yanked files, with the reason if there is one', () => {
    const html = text(
      projectHtml(project([file('a-1.tar.gz', { yanked: '' }), file('a-2.tar.gz', { yanked: 'it "broke"' })])),
    );
    expect(html).toContain('data-yanked="">a-1.tar.gz');
    expect(html).toContain('data-yanked="it &quot;broke&quot;">a-2.tar.gz');
  });

  test('escapes everything that came with a package', () => {
    const evil = `"'><script>alert(1)</script>`;
    const metadata = { ...wheelMetadata, requiresPython: evil, coreMetadataSha256: evil };
    const files = [file(evil, { metadata, yanked: evil })];
    const html = text(projectHtml(project(files, { status: 'deprecated', statusReason: evil })));
    expect(html).not.toContain('<script');
    expect(html).not.toContain(evil.slice(0, 3));
  });

  test('offers no files of a quarantined project, and says why', () => {
    const html = text(projectHtml(project([file('a-1.tar.gz')], { status: 'quarantined', statusReason: 'malware' })));
    expect(html).not.toContain('<a ');
    expect(html).toContain('<meta name="pypi:project-status" content="quarantined">');
    expect(html).toContain('<meta name="pypi:project-status-reason" content="malware">');
  });
});

describe("a project's page in JSON", () => {
  test('has every field of the specification', () => {
    const files = [
      file('demo-1.0-py3-none-any.whl', { metadata: wheelMetadata }),
      file('demo-1.0rc1.tar.gz', { version: '1.0rc1', yanked: 'broken' }),
      file('demo-0.9.tar.gz', { version: '0.9', yanked: '' }),
    ];
    expect(json(projectJson(project(files)))).toEqual({
      meta: { 'api-version': '1.4' },
      name: 'demo',
      'project-status': { status: 'active' },
      versions: ['0.9', '1.0rc1', '1.0'],
      files: [
        {
          filename: 'demo-1.0-py3-none-any.whl',
          url: 'demo-1.0-py3-none-any.whl',
          hashes: { sha256: SHA256 },
          'requires-python': '>=3.9,<4',
          size: 1234,
          'upload-time': '2026-11-21T12:30:15.123000Z',
          yanked: false,
          'core-metadata': { sha256: 'b'.repeat(64) },
        },
        expect.objectContaining({ filename: 'demo-1.0rc1.tar.gz', yanked: 'broken', 'core-metadata': false }),
        expect.objectContaining({ filename: 'demo-0.9.tar.gz', yanked: true }),
      ],
    });
  });

  test('never says dist-info-metadata, on which pip 23.0 crashes', () => {
    const page = project([file('demo-1.0-py3-none-any.whl', { metadata: wheelMetadata })]);
    expect(text(projectJson(page))).not.toContain('dist-info-metadata');
  });

  for (const status of ['active', 'archived', 'deprecated', 'quarantined'] as const satisfies PackageStatus[]) {
    test(`tells the status ${status}, and offers files unless it is quarantined`, () => {
      const page = json(projectJson(project([file('a-1.tar.gz')], { status, statusReason: 'why' })));
      expect(page['project-status']).toEqual({ status, reason: 'why' });
      expect(page.files).toHaveLength(status === 'quarantined' ? 0 : 1);
    });
  }
});

describe("Warehouse's JSON", () => {
  const files = [
    file('demo-1.0.tar.gz'),
    file('demo-2.0.tar.gz', { version: '2.0', yanked: 'broken' }),
    file('demo-3.0a1.tar.gz', { version: '3.0a1' }),
  ];

  test('describes the newest version that is neither yanked nor a pre-release', () => {
    expect(latestVersion(files)).toBe('1.0');
    expect(latestVersion(files.slice(1))).toBe('3.0a1');
    expect(latestVersion(files.slice(1, 2))).toBe('2.0');
    expect(latestVersion([])).toBeUndefined();
  });

  test('has info from the core metadata, and absolute addresses', () => {
    const headers = [
      'Summary: A demonstration',
      'Requires-Dist: idna (>=2)',
      'Requires-Dist: colorama; os_name == "nt"',
      'Classifier: Private :: Do Not Upload',
      'Project-URL: Source, https://example.org/source',
    ];
    const core = parseCoreMetadata(Buffer.from(metadataText({ headers, description: '# Demo\n' })), 'PKG-INFO');
    const page = {
      name: 'demo',
      files,
      version: '1.0',
      core,
      serial: 7,
      repositoryUrl: 'https://host/repo/pypi/tools/',
    };
    const document = json(jsonApiDocument({ ...page, withReleases: true }));
    expect(document.info).toMatchObject({
      name: 'demo',
      version: '1.0',
      summary: 'A demonstration',
      description: '# Demo\n',
      requires_dist: ['idna (>=2)', 'colorama; os_name == "nt"'],
      classifiers: ['Private :: Do Not Upload'],
      project_urls: { Source: 'https://example.org/source' },
      package_url: 'https://host/repo/pypi/tools/demo/',
      yanked: false,
    });
    expect(document.urls).toHaveLength(1);
    expect(document.urls[0]).toMatchObject({
      url: 'https://host/repo/pypi/tools/demo/demo-1.0.tar.gz',
      packagetype: 'sdist',
      python_version: 'source',
      digests: { sha256: SHA256 },
      upload_time: '2026-11-21T12:30:15',
      upload_time_iso_8601: '2026-11-21T12:30:15.123000Z',
    });
    expect(Object.keys(document.releases)).toEqual(['1.0', '2.0', '3.0a1']);
    expect(document.releases['2.0'][0]).toMatchObject({ yanked: true, yanked_reason: 'broken' });
    expect(json(jsonApiDocument({ ...page, withReleases: false })).releases).toBeUndefined();
  });
});

test('the same rows give the same bytes', () => {
  const page = project([file('demo-1.0-py3-none-any.whl', { metadata: wheelMetadata })]);
  expect(projectHtml(page)).toEqual(projectHtml(page));
  expect(projectJson(page)).toEqual(projectJson(page));
});
