import { randomBytes } from 'node:crypto';
import { makeTarGz } from '../../support/tar.ts';
import { type Algorithm, CONFIG, type Descriptor, digestOf, EMPTY, IMAGE, INDEX, LAYER, toBytes } from '../protocol.ts';
import type { Bytes } from './uploading.ts';

/** What is pushed together: blobs, manifests in the order in which they can be pushed, tags. */
export class DataSet {
  readonly blobs = new Map<string, Bytes>();
  readonly manifests = new Map<string, Bytes>();
  /** Which manifest each tag is for. */
  readonly tags = new Map<string, string>();
  /** What the list of referrers of a manifest has to have. */
  readonly referrers = new Map<string, Descriptor[]>();
  readonly algorithm: Algorithm;

  constructor(algorithm: Algorithm = 'sha256') {
    this.algorithm = algorithm;
  }

  /** @param isPushed false: only named, its bytes are not there */
  blob(mediaType: string, bytes: Bytes, isPushed = true, fields: object = {}): Descriptor {
    const digest = digestOf(bytes, this.algorithm);
    if (isPushed) this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length, ...fields };
  }

  layer(mediaType = LAYER, isPushed = true, fields: object = {}): Descriptor {
    return this.blob(mediaType, makeLayer(mediaType.endsWith('gzip')), isPushed, fields);
  }

  config(): Descriptor {
    return this.blob(CONFIG, toBytes({ architecture: 'amd64', os: 'linux', random: randomBytes(8).toString('hex') }));
  }

  empty(mediaType = EMPTY): Descriptor {
    return this.blob(mediaType, new Uint8Array(Buffer.from('{}')));
  }

  image(fields: Readonly<Record<string, unknown>> = {}, tag?: string): Descriptor {
    const { config = this.config(), layers = [this.layer(), this.layer()], ...others } = fields;
    return this.#add(IMAGE, { config, layers, ...others }, (config as Descriptor).mediaType, tag);
  }

  /** An image for each of two platforms, and the index of both. */
  index(fields: Readonly<Record<string, unknown>> = {}, tag?: string): Descriptor {
    const manifests = ['amd64', 'arm64'].map((architecture) => ({
      ...this.image(),
      platform: { os: 'linux', architecture },
    }));
    return this.#add(INDEX, { manifests, ...fields }, undefined, tag);
  }

  artifact(artifactType: string, fields: Readonly<Record<string, unknown>> = {}, tag?: string): Descriptor {
    return this.image(
      { artifactType, config: this.empty(), layers: [this.layer('application/x-thing')], ...fields },
      tag,
    );
  }

  #add(mediaType: string, fields: Readonly<Record<string, unknown>>, fallback: string | undefined, tag?: string) {
    const bytes = toBytes({ schemaVersion: 2, mediaType, ...fields });
    const digest = digestOf(bytes, this.algorithm);
    this.manifests.set(digest, bytes);
    if (tag !== undefined) this.tags.set(tag, digest);
    const descriptor = { mediaType, digest, size: bytes.length };
    const { subject, artifactType = fallback, annotations } = fields;
    if (subject !== undefined) {
      const about = (subject as Descriptor).digest;
      const referrer = { ...descriptor, ...defined({ artifactType, annotations }) };
      this.referrers.set(about, [...(this.referrers.get(about) ?? []), referrer]);
    }
    return descriptor;
  }
}

const THING = 'application/vnd.example.thing.v1+json';
const NOTES = { annotations: { 'org.example.note': 'ü "quoted" 🎉', empty: '' } };
const FOREIGN = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
const ELSEWHERE = { urls: ['https://example.com/layer'] };

/** The kinds of content that the conformance program of the specification pushes, and Docker's. */
export const DATA_SETS: Readonly<Record<string, () => DataSet>> = {
  'an image': build((set) => set.image({}, 'image')),
  'an image of layers that are not compressed': build((set) => {
    set.image({ layers: [set.layer('application/vnd.oci.image.layer.v1.tar')] }, 'uncompressed');
  }),
  'an image with a manifest of nearly 4 MiB': build((set) => {
    const notes = Array.from({ length: 390 }, (_, n) => [`note-${n}`, 'A'.repeat(10_000)]);
    set.image({ annotations: Object.fromEntries(notes) }, 'large');
  }),
  'an index of two platforms': build((set) => set.index({}, 'index')),
  'an index of indices': build((set) => set.index({ manifests: [set.index(), set.index()] }, 'nested')),
  'an empty index': build((set) => set.index({ manifests: [] }, 'empty-index')),
  'an artifact': build((set) => set.artifact(THING, {}, 'artifact')),
  'an index of artifacts': build((set) => {
    const manifests = [set.artifact(THING), set.artifact(THING)];
    set.index({ artifactType: THING, manifests }, 'artifact-index');
  }),
  'an artifact without layers': build((set) => set.artifact(THING, { layers: [set.empty()] }, 'no-content')),
  'artifacts with a subject': build((set) => {
    const subject = set.image({}, 'subject');
    set.image({ subject });
    set.artifact(THING, { subject, ...NOTES }, 'first');
    set.artifact('application/vnd.example.other', { subject, ...NOTES }, 'second');
  }),
  'an index with a subject': build((set) => {
    const subject = set.index({}, 'subject-index');
    set.index({ subject, artifactType: THING, ...NOTES }, 'tagged');
    set.index({ subject, manifests: [], ...NOTES });
  }),
  'an artifact about what is not there': build((set) => {
    const subject = { mediaType: IMAGE, digest: digestOf(randomBytes(9)), size: 123 };
    set.artifact(THING, { subject, ...NOTES }, 'early');
  }),
  'an image with a blob inside its descriptor': build((set) => {
    const config = set.config();
    const data = Buffer.from(set.blobs.get(config.digest) ?? '').toString('base64');
    set.image({ config: { ...config, data } }, 'data');
  }),
  'an image of layers that come from elsewhere': build((set) => {
    const layers = [FOREIGN, `${FOREIGN}+gzip`].map((type) => set.layer(type, false, ELSEWHERE));
    set.image({ layers: [...layers, set.layer()] }, 'foreign');
  }),
  'an index and images with fields of their own': build((set) => {
    const own = { 'org.example.custom': [1, null, { a: 'b' }], custom: randomBytes(9).toString('hex') };
    set.index({ manifests: [set.image(own), set.image(own)], ...own }, 'custom');
  }),
  'an image without layers': build((set) => set.image({ layers: [] }, 'no-layers')),
  'an image without one of its layers': build((set) => {
    set.image({ layers: [set.layer(), set.layer(LAYER, false)] }, 'sparse');
  }),
  'an index without one of its images': build((set) => {
    const absent = { mediaType: IMAGE, digest: digestOf(randomBytes(9)), size: 1024 };
    set.index({ manifests: [set.image(), absent] }, 'sparse-index');
  }),
  'an index with sha512': build((set) => set.index({}, 'long'), 'sha512'),
  'artifacts with a subject, with sha512': build((set) => {
    const subject = set.index({}, 'long-subject');
    set.artifact(THING, { subject, ...NOTES }, 'long-artifact');
  }, 'sha512'),
};

function build(fill: (set: DataSet) => unknown, algorithm?: Algorithm): () => DataSet {
  return () => {
    const set = new DataSet(algorithm);
    fill(set);
    return set;
  };
}

function makeLayer(isCompressed: boolean): Bytes {
  const compressed = makeTarGz([{ name: 'data', content: randomBytes(600) }]);
  return new Uint8Array(isCompressed ? compressed : Bun.gunzipSync(compressed));
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
