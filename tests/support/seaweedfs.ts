import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { S3Location } from '../../src/config/config.ts';
import { findClient } from './clients.ts';
import { freePort } from './free-port.ts';
import { cleanEnvironment } from './run.ts';
import { TempFolder } from './temp-folder.ts';

const READY_WITHIN = 60_000;

/** With the characters that make the splitting of S3_URL hard. */
const ADMIN = { accessKeyId: 'packyard-admin', secretAccessKey: 'a/b+c%2F:d=' };
/** May read and write one bucket, and make none. */
const LIMITED = { accessKeyId: 'packyard-limited', secretAccessKey: 'limited-secret' };

export const LIMITED_BUCKET = 'limited-bucket';

/** A real S3 server: one SeaweedFS for all tests of this process, or the one that TEST_S3_URL (`http://KEY:SECRET@HOST:PORT`) names. */
export interface S3Server {
  readonly endpoint: string;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Undefined where the server is not ours. */
  readonly limited: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

export function hasS3Server(): boolean {
  return process.env.TEST_S3_URL !== undefined || findClient('weed') !== undefined;
}

export const S3_SKIP_REASON = 'needs an S3 server: run tests/clients/install.sh, or name one in TEST_S3_URL';

/**
 * Runs a server until the process $1 has ended, however it does, and removes the folder $2 then. It leaves its caller at once:
 * a test that takes too long has all its processes killed, and this one is there for the others too.
 */
const UNTIL_WE_END = [
  "us=$1 folder=$2; shift 2; trap '' INT TERM HUP",
  '("$@" & server=$!; while kill -0 "$us"; do sleep 1; done; kill -9 "$server"; rm -rf "$folder") &',
].join('\n');

let shared: Promise<S3Server> | undefined;

export function s3Server(): Promise<S3Server> {
  const named = process.env.TEST_S3_URL;
  shared ??= named === undefined ? startSeaweedFS() : Promise.resolve(parseNamed(named));
  return shared;
}

/** A bucket that nobody else uses. It is made by the first that opens it. */
export function newBucket(server: S3Server, options: Partial<S3Location> = {}): S3Location {
  return {
    kind: 's3',
    bucket: `test-${randomBytes(8).toString('hex')}`,
    prefix: '',
    endpoint: server.endpoint,
    publicEndpoint: undefined,
    region: 'us-east-1',
    pathStyle: true,
    create: true,
    credentials: server.admin,
    ...options,
  };
}

/** The value of `--storage` or S3_URL for a bucket. */
export function s3Url({ endpoint = '', bucket, credentials }: S3Location): string {
  const { accessKeyId = '', secretAccessKey = '' } = credentials ?? {};
  return `${endpoint.replace('://', `://${accessKeyId}:${secretAccessKey}@`)}/${bucket}`;
}

function parseNamed(url: string): S3Server {
  const [, scheme, accessKeyId, secretAccessKey, host] =
    /^(https?):\/\/([^:]+):(.*)@([^@/]+)(?:\/[^@]*)?$/.exec(url) ?? [];
  if (!scheme || !accessKeyId || !secretAccessKey || !host)
    throw new Error('TEST_S3_URL must be http://KEY:SECRET@HOST:PORT');
  return { endpoint: `${scheme}://${host}`, admin: { accessKeyId, secretAccessKey }, limited: undefined };
}

async function startSeaweedFS(): Promise<S3Server> {
  const folder = new TempFolder('seaweedfs');
  const identity = (name: string, keys: typeof ADMIN, actions: readonly string[]) => ({
    name,
    credentials: [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }],
    actions,
  });
  writeFileSync(
    folder.join('s3.json'),
    JSON.stringify({
      identities: [
        identity('admin', ADMIN, ['Admin', 'Read', 'Write', 'List']),
        identity(
          'limited',
          LIMITED,
          ['Read', 'Write', 'List'].map((action) => `${action}:${LIMITED_BUCKET}`),
        ),
      ],
    }),
  );
  // Else each bucket would begin with seven volumes, and soon there would be no room for another.
  writeFileSync(folder.join('master.toml'), '[master.volume_growth]\ncopy_1 = 1\n');
  const ports = await Promise.all(Array.from({ length: 8 }, freePort));
  const [s3 = 0, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc] = ports;
  const log = Bun.file(folder.join('server.log'));
  Bun.spawn(
    [
      ...['sh', '-c', UNTIL_WE_END, 'sh', String(process.pid), folder.path],
      ...(findClient('weed')?.command ?? []),
      '-logtostderr=true',
      'server',
      ...[`-dir=${folder.path}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
      ...[`-master.port=${master}`, `-master.port.grpc=${masterGrpc}`, '-master.telemetry=false'],
      ...['-master.volumeSizeLimitMB=256', '-master.electionTimeout=1s'],
      ...[`-volume.port=${volume}`, `-volume.port.grpc=${volumeGrpc}`, '-volume.max=2000', '-volume.preStopSeconds=0'],
      '-volume.minFreeSpace=100MiB',
      ...['-filer', `-filer.port=${filer}`, `-filer.port.grpc=${filerGrpc}`],
      `-filer.localSocket=${folder.join('filer.sock')}`,
      ...['-s3', `-s3.port=${s3}`, `-s3.port.grpc=${s3Grpc}`, '-s3.port.iceberg=0', '-s3.port.lance=0'],
      ...[`-s3.config=${folder.join('s3.json')}`, `-s3.localSocket=${folder.join('s3.sock')}`],
      // An absent bucket must be an error, as it is elsewhere.
      '-s3.autoCreateBucket=false',
    ],
    { cwd: folder.path, env: cleanEnvironment(), stdin: 'ignore', stdout: log, stderr: log },
  );
  const endpoint = `http://127.0.0.1:${s3}`;
  const deadline = Date.now() + READY_WITHIN;
  while ((await fetch(endpoint).catch(() => undefined))?.status !== 403) {
    if (Date.now() > deadline) throw new Error(`SeaweedFS does not answer:\n${await log.text()}`);
    await Bun.sleep(50);
  }
  return { endpoint, admin: ADMIN, limited: LIMITED };
}
