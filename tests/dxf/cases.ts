import type { RunOptions } from '../support/run.ts';
import { sha256, type Tool } from './two-tools.ts';

/** The files in the folder in which the commands run. */
export const FILES = {
  hello: 'hello\n',
  world: 'world\n',
  empty: '',
  large: Buffer.alloc(3_000_001, 'Packyard moves bytes. '),
} as const;

const digestOf = (name: keyof typeof FILES) => sha256(FILES[name]);
export const [HELLO, WORLD, EMPTY, LARGE] = [
  digestOf('hello'),
  digestOf('world'),
  digestOf('empty'),
  digestOf('large'),
];
export const BLOBS = [HELLO, WORLD, EMPTY, LARGE];
const UNKNOWN = `sha256:${'0'.repeat(64)}`;

/** What ours says where it is to say something else than the original. */
export interface Deviation {
  readonly code: number;
  readonly stdout: string;
}

export interface Step extends RunOptions {
  /** The command and its arguments; `REPO` is the repository of this case, `OTHER` another one. */
  readonly args: readonly string[];
  readonly ours?: Deviation;
  /** The registry gives the lines in any order. */
  readonly isUnordered?: boolean;
}

export interface Case {
  readonly sentence: string;
  readonly before?: (tool: Tool, repo: string) => Promise<unknown>;
  readonly steps: readonly Step[];
  /** Why the registry holds something else afterwards; left out, it holds the same. */
  readonly leavesOther?: string;
}

const push = (...names: readonly string[]): Step[] => names.map((name) => ({ args: ['push-blob', 'REPO', name] }));
const LIST: Step = { args: ['list-aliases', 'REPO'], isUnordered: true };
const both: Step[] = [...push('hello', 'world'), { args: ['set-alias', 'REPO', 'both', HELLO, WORLD] }];

const manifestOf = (...blobs: readonly (readonly [string, number])[]) => {
  const layers = blobs.map(([digest, size]) => ({ mediaType: 'application/octet-stream', size, digest }));
  const config = { ...layers[0], mediaType: 'application/vnd.docker.container.image.v1+json' };
  return { schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json', config, layers };
};
const BOTH_MANIFEST = JSON.stringify(manifestOf([HELLO, 6], [WORLD, 6]));

const AMD64_MANIFEST = manifestOf([HELLO, 6]);
const ARM_MANIFEST = manifestOf([WORLD, 6], [LARGE, FILES.large.length]);
const MULTI_INDEX = {
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifests: [
    entryOf(ARM_MANIFEST, { os: 'linux', architecture: 'arm', variant: 'v7' }),
    entryOf(AMD64_MANIFEST, { os: 'linux', architecture: 'amd64' }),
  ],
};
const MULTI = JSON.stringify(MULTI_INDEX);

function entryOf(manifest: { readonly mediaType: string }, platform: object): object {
  const text = JSON.stringify(manifest);
  return { mediaType: manifest.mediaType, size: text.length, digest: sha256(text), platform };
}

/** An alias `multi` of two platforms, one with a variant. */
async function multi(tool: Tool, repo: string): Promise<void> {
  for (const name of ['hello', 'world', 'large'] as const) {
    const begun = await tool.fetch(`${repo}/blobs/uploads/`, { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', tool.registry.url);
    location.searchParams.set('digest', digestOf(name));
    const { authorization } = tool.registry;
    const headers = { 'content-type': 'application/octet-stream', ...(authorization && { authorization }) };
    await fetch(location, { method: 'PUT', body: FILES[name], headers });
  }
  await tool.putManifest(repo, 'amd64', AMD64_MANIFEST);
  await tool.putManifest(repo, 'arm', ARM_MANIFEST);
  await tool.putManifest(repo, 'multi', MULTI_INDEX);
}

/** Otherwise the original's lines come when it ends, somewhere between the bytes. */
const BLOB_INFO = { DXF_BLOB_INFO: '1', PYTHONUNBUFFERED: '1' };
const AMD64 = { env: { DXF_PLATFORM: 'linux/amd64' } };
const PLAN9 = { env: { DXF_PLATFORM: 'plan9/386' } };

export const CASES: readonly Case[] = [
  {
    sentence: 'push-blob uploads a file, once, and prints its hash',
    steps: [...push('hello', 'hello', './world', 'empty', 'large')],
  },
  {
    sentence: 'push-blob gives an alias',
    steps: [
      { args: ['push-blob', 'REPO', 'hello', '@may15-readings'] },
      { args: ['pull-blob', 'REPO', '@may15-readings'] },
      { args: ['push-blob', 'REPO', 'world', '@may15-readings'] },
      { args: ['pull-blob', 'REPO', '@may15-readings'] },
    ],
  },
  {
    sentence: 'push-blob refuses what it cannot mean',
    steps: [
      { args: ['push-blob', 'REPO'] },
      { args: ['push-blob', 'REPO', 'hello', 'alias'] },
      { args: ['push-blob', 'REPO', 'hello', '@a', '@b'] },
      { args: ['push-blob', 'REPO', 'missing'] },
      { args: ['push-blob', 'REPO', '.'] },
      { args: ['push-blob'] },
    ],
  },
  {
    sentence: 'the two ways of the README do the same',
    steps: [
      { args: ['push-blob', 'REPO', 'hello', '@readings'] },
      { args: ['set-alias', 'REPO', 'readings', HELLO] },
      { args: ['get-alias', 'REPO', 'readings'] },
      { args: ['pull-blob', 'REPO', HELLO] },
    ],
  },
  {
    sentence: 'pull-blob writes blobs one after another, by hash and by alias',
    steps: [
      ...both,
      ...push('empty', 'large'),
      { args: ['pull-blob', 'REPO', WORLD] },
      { args: ['pull-blob', 'REPO', '@both', HELLO, '@both'] },
      { args: ['pull-blob', 'REPO', EMPTY] },
      { args: ['pull-blob', 'REPO', LARGE] },
      { args: ['pull-blob', 'REPO', '@both', LARGE], env: BLOB_INFO },
      { args: ['pull-blob', 'REPO', HELLO], env: { DXF_PROGRESS: '1' } },
      { args: ['pull-blob', 'REPO'], input: BOTH_MANIFEST },
    ],
  },
  {
    sentence: 'pull-blob says 2 for what is not there',
    steps: [
      ...both,
      { args: ['pull-blob', 'REPO', UNKNOWN] },
      { args: ['pull-blob', 'REPO', '@unknown'] },
      { args: ['pull-blob', 'REPO', HELLO, '@unknown'] },
      { args: ['pull-blob', 'REPO', HELLO, UNKNOWN] },
      { args: ['pull-blob', 'never/pushed', HELLO] },
      { args: ['pull-blob', 'REPO'], input: 'nonsense' },
    ],
  },
  {
    sentence: 'pull-blob, blob-size and del-blob take hashes as the first versions printed them',
    steps: [
      ...push('hello', 'world'),
      { args: ['pull-blob', 'REPO', HELLO.slice(7)], ours: { code: 0, stdout: 'hello\n' } },
      { args: ['blob-size', 'REPO', HELLO.slice(7)], ours: { code: 0, stdout: '6\n' } },
      { args: ['del-blob', 'REPO', HELLO.slice(7)], ours: { code: 0, stdout: '' } },
    ],
    leavesOther: 'the original has not deleted it',
  },
  {
    sentence: 'DXF_CHUNK_SIZE decides how much is read at a time, where the original breaks down',
    steps: [
      { args: ['push-blob', 'REPO', 'hello'], env: { DXF_CHUNK_SIZE: '2' } },
      { args: ['pull-blob', 'REPO', HELLO], env: { DXF_CHUNK_SIZE: '4' }, ours: { code: 0, stdout: 'hello\n' } },
      { args: ['pull-blob', 'REPO', HELLO], env: { DXF_CHUNK_SIZE: 'many' } },
    ],
  },
  {
    sentence: 'blob-size prints sizes, of an alias that of all its blobs',
    steps: [
      ...both,
      ...push('empty', 'large'),
      { args: ['blob-size', 'REPO', '@both', LARGE, EMPTY] },
      { args: ['blob-size', 'REPO'], input: BOTH_MANIFEST },
      { args: ['blob-size', 'REPO', HELLO, UNKNOWN] },
      { args: ['blob-size', 'REPO', '@unknown'] },
    ],
  },
  {
    sentence: 'mount-blob takes a blob over from another repository',
    steps: [
      { args: ['push-blob', 'OTHER', 'hello'] },
      { args: ['mount-blob', 'REPO', 'OTHER', HELLO] },
      { args: ['mount-blob', 'REPO', 'OTHER', HELLO, '@mounted'] },
      { args: ['mount-blob', 'REPO', 'OTHER', UNKNOWN] },
      { args: ['mount-blob', 'REPO', 'OTHER'] },
      { args: ['mount-blob', 'REPO', 'OTHER', HELLO, 'alias'] },
      { args: ['mount-blob', 'REPO', 'OTHER', HELLO, '@a', '@b'] },
    ],
  },
  {
    sentence: 'del-blob deletes blobs',
    steps: [
      ...both,
      ...push('large'),
      { args: ['del-blob', 'REPO', LARGE] },
      { args: ['del-blob', 'REPO', LARGE] },
      { args: ['del-blob', 'REPO'], input: BOTH_MANIFEST },
      { args: ['pull-blob', 'REPO', HELLO] },
    ],
  },
  {
    sentence: 'del-blob @alias deletes the blobs and leaves the alias, as the README says',
    steps: [
      ...both,
      { args: ['del-blob', 'REPO', '@both'] },
      { args: ['get-alias', 'REPO', 'both'], ours: { code: 0, stdout: `${HELLO}\n${WORLD}\n` } },
      { args: ['del-blob', 'REPO', '@unknown'] },
    ],
    leavesOther: 'the original has deleted the alias as well',
  },
  {
    sentence: 'set-alias names blobs by hash or by the content of a file, in their order',
    steps: [
      ...push('hello', 'world'),
      { args: ['set-alias', 'REPO', 'pair', WORLD, HELLO] },
      { args: ['set-alias', 'REPO', 'files', './hello', './world'] },
      { args: ['set-alias', 'REPO', 'twice', HELLO, HELLO] },
      { args: ['set-alias', 'REPO', 'pair', HELLO] },
      LIST,
    ],
  },
  {
    sentence: 'set-alias wants its blobs to be there',
    steps: [
      ...push('hello'),
      { args: ['set-alias', 'REPO', 'a', UNKNOWN] },
      { args: ['set-alias', 'REPO', 'a', './world'] },
      { args: ['set-alias', 'REPO', 'a', './missing'] },
      { args: ['set-alias', 'REPO', 'a'] },
      { args: ['set-alias', 'REPO'] },
    ],
  },
  {
    sentence: 'get-alias, get-digest and get-manifest read aliases, also by digest and from standard input',
    steps: [
      ...both,
      { args: ['push-blob', 'REPO', 'hello', '@one'] },
      ...['get-alias', 'get-digest', 'get-manifest'].flatMap((command) => [
        { args: [command, 'REPO', 'both', 'one'] },
        { args: [command, 'REPO', 'unknown'] },
        { args: [command, 'REPO', 'one', 'unknown'] },
        { args: [command, 'REPO', UNKNOWN] },
      ]),
      { args: ['get-alias', 'REPO'], input: BOTH_MANIFEST },
      { args: ['get-digest', 'REPO'], input: BOTH_MANIFEST },
      { args: ['get-manifest', 'REPO'] },
    ],
  },
  {
    sentence: 'del-alias deletes every alias of a manifest and prints its blobs, which stay',
    steps: [
      ...both,
      { args: ['set-alias', 'REPO', 'same', HELLO, WORLD] },
      { args: ['push-blob', 'REPO', 'hello', '@other'] },
      { args: ['del-alias', 'REPO', 'both'] },
      LIST,
      { args: ['del-alias', 'REPO', 'same'] },
      { args: ['pull-blob', 'REPO', HELLO] },
      { args: ['del-alias', 'REPO'] },
    ],
  },
  {
    sentence: 'aliases of several platforms are JSON maps, or what DXF_PLATFORM says',
    before: multi,
    steps: ['get-alias', 'get-digest', 'get-manifest'].flatMap((command) => [
      { args: [command, 'REPO', 'multi'] },
      { args: [command, 'REPO', 'multi', 'amd64'], ...AMD64 },
      { args: [command, 'REPO', 'multi'], ...PLAN9 },
      ...(command === 'get-manifest' ? [] : [{ args: [command, 'REPO'], input: MULTI }]),
    ]),
  },
  {
    sentence: 'blobs of several platforms are a JSON map, or what DXF_PLATFORM says',
    before: multi,
    steps: [
      { args: ['pull-blob', 'REPO', '@multi'] },
      { args: ['pull-blob', 'REPO', '@multi', WORLD], ...AMD64 },
      { args: ['pull-blob', 'REPO', '@multi'], env: { DXF_PLATFORM: 'linux/arm' } },
      { args: ['pull-blob', 'REPO', '@multi'], env: { DXF_PLATFORM: 'linux/arm/v7', ...BLOB_INFO } },
      { args: ['blob-size', 'REPO', '@multi', HELLO] },
      { args: ['blob-size', 'REPO', '@multi'], ...AMD64 },
      { args: ['blob-size', 'REPO', '@multi'], ...PLAN9 },
    ],
  },
  {
    sentence: 'del-alias of several platforms deletes the list alone',
    before: multi,
    steps: [{ args: ['del-alias', 'REPO', 'multi'] }, LIST],
  },
  {
    sentence: 'del-blob of several platforms deletes the blobs of all, and no alias',
    before: multi,
    steps: [{ args: ['del-blob', 'REPO', '@multi'] }, { ...LIST, ours: { code: 0, stdout: 'amd64\narm\nmulti\n' } }],
    leavesOther: 'the original has deleted the aliases as well',
  },
  {
    sentence: 'del-blob takes the list of several platforms from standard input, where the original breaks down',
    before: multi,
    steps: [{ args: ['del-blob', 'REPO'], input: MULTI, ours: { code: 0, stdout: '' } }],
    leavesOther: 'the original has not deleted the blobs',
  },
  {
    sentence: 'list-aliases prints every alias, and is told 404 where there are none',
    steps: [
      { args: ['list-aliases', 'never/pushed'] },
      ...push('hello'),
      ...['c', 'a', 'B', '0'].map((alias) => ({ args: ['set-alias', 'REPO', alias, HELLO] })),
      LIST,
      { args: ['list-aliases', 'REPO', 'more'] },
    ],
  },
  {
    sentence: 'wrong calls and settings end as they did, and no command at all as a wrong call',
    steps: [
      { args: [], ours: { code: 2, stdout: '' } },
      { args: ['unknown'] },
      { args: ['get-alias'] },
      { args: ['get-alias', '--unknown', 'REPO', 'a'] },
      { args: ['list-repos', 'more'] },
      { args: ['list-repos'], env: { DXF_HOST: '' } },
      { args: ['list-repos'], env: { DXF_HOST: 'localhost:1' } },
    ],
  },
];
