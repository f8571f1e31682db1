// Somebody's program on the client library, as it is built: run by Node and by Bun, and says what happened as JSON.
// Arguments: a registry that wants to know fred, a registry that lies, a file to push.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { DXF, dockerCredentials, hashFile, localFile, RegistryClient, RegistryError } from 'packyard/client';

const [registry, liar, file] = process.argv.slice(2);
const sleep = async () => {};
const results = {};

async function outcome(action) {
  try {
    return await action();
  } catch (error) {
    return error instanceof RegistryError ? `${error.name} ${error.code}` : `${error.name}: ${error.message}`;
  }
}

async function read(blob) {
  let size = 0;
  for await (const part of (await blob).stream) size += part.byteLength;
  return size;
}

// A real registry, by TLS, with what `docker login` has stored.
const client = new RegistryClient(registry, { credentials: dockerCredentials(process.env) });
const repository = client.repository('team/app');
const digest = await hashFile(file);
for (const chunkSize of [undefined, 1_000_000]) {
  const pushed = await repository.pushBlob(await localFile(file), { chunkSize, skipExisting: false });
  results[`pushed in ${chunkSize ?? 'one'}`] = [
    pushed.digest === digest,
    pushed.size,
    await read(repository.pullBlob(digest)),
  ];
}
const manifest = JSON.stringify({
  schemaVersion: 2,
  config: { mediaType: 'text/plain', digest, size: 3_000_000 },
  layers: [],
});
results.tags = (await repository.putManifest(manifest, { tags: ['a', 'b'] })).tags;
results.manifest = Buffer.from((await repository.getManifest('b')).bytes).toString() === manifest;
results.names = [];
for await (const name of client.repositories()) results.names.push(name);
results.anonymous = await outcome(() => new RegistryClient(registry).ping());
results.missing = await outcome(() => repository.pullBlob(`sha256:${'0'.repeat(64)}`));

// The store of blobs with aliases.
const auth = (dxf, response) => dxf.authenticate('fred', 'somepassword', { response });
const dxf = new DXF(new URL(registry).host, 'fred/datalogger', auth);
const logged = await dxf.pushBlob(file);
await dxf.setAlias('may15-readings', logged);
results.alias = (await dxf.getAlias('may15-readings'))[0] === digest;

// A bad network and a registry that lies.
const honest = new RegistryClient(liar, { sleep, timeout: 1000 });
for (const name of ['honest', 'cut', 'hangs', 'busy', 'short', 'lies', 'long']) {
  const options = name === 'long' ? { size: 3_000_000 } : {};
  results[`pull ${name}`] = await outcome(() => read(honest.repository(name).pullBlob(digest, options)));
}
for (const name of ['honest', 'push-cut', 'patch-cut', 'answer-lost', 'unwilling']) {
  const options = { chunkSize: name === 'patch-cut' ? 1_000_000 : undefined, skipExisting: false };
  results[`push ${name}`] = await outcome(
    async () => (await honest.repository(name).pushBlob(await localFile(file), options)).size,
  );
}
async function* failing() {
  yield new Uint8Array(1000);
  throw new Error('the disk is gone');
}
async function* other() {
  yield new Uint8Array(3_000_000);
}
const announced = { digest, size: 3_000_000, skipExisting: false };
results['push of a source that fails'] = await outcome(() =>
  honest.repository('honest').pushBlob(failing(), announced),
);
results['push of other bytes'] = await outcome(() => honest.repository('honest').pushBlob(other(), announced));
const controller = new AbortController();
const cancelled = { ...announced, signal: controller.signal, onProgress: () => controller.abort() };
results['push cancelled'] = await outcome(async () =>
  honest.repository('honest').pushBlob(await localFile(file), cancelled),
);
results['nobody there'] = await outcome(() => new RegistryClient('http://127.0.0.1:9', { sleep }).ping());

process.stdout.write(JSON.stringify(results));
