import { expect, test } from 'bun:test';
import { bearer } from '../../support/api.ts';
import { useServer } from '../../support/use-server.ts';
import { freshName, IMAGE, Image, OCTETS, someBytes } from '../protocol.ts';
import { ending, expectError } from './uploading.ts';

const server = useServer();

async function setStatus(image: Image, status: string): Promise<void> {
  const [repository = ''] = image.name.split('/');
  const path = `/api/v1/repositories/oci/${repository}/packages/${encodeURIComponent(image.name)}`;
  const headers = { ...bearer(server().adminToken), 'content-type': 'application/json' };
  await image.ok(200, 'PATCH', path, { body: JSON.stringify({ status, reason: 'see the ticket' }), headers });
}

test('an image in quarantine is neither pulled nor mounted nor pushed, until it comes out again', async () => {
  const [image, other] = [new Image(server(), freshName('status')), new Image(server(), freshName('status'))];
  const blob = await image.pushBlob(someBytes(99));
  const { digest } = await image.pushImage('1.0');
  const manifest = await image.makeImage();
  await other.pushBlob('its own');
  // Also what has been pulled before, and is quick to answer for that.
  const paths = ['manifests/1.0', `manifests/${digest}`, `blobs/${blob}`];
  for (const path of [...paths, ...paths, ...paths]) await image.ok(200, 'GET', path);
  await setStatus(image, 'quarantined');
  for (const path of paths) {
    await expectError(await image.call('GET', path), 403, 'DENIED');
    expect((await image.call('HEAD', path)).status).toBe(403);
  }
  for (const query of [`?mount=${blob}`, `?mount=${blob}&from=${image.name}`])
    expect((await other.call('POST', `blobs/uploads/${query}`)).status).toBe(202);
  const put = { body: manifest, headers: { 'content-type': IMAGE } };
  expect((await image.call('PUT', 'manifests/2.0', put)).status).toBeOneOf([403, 409]);
  await setStatus(image, 'active');
  for (const path of paths) await image.ok(200, 'GET', path);
  await image.ok(201, 'PUT', 'manifests/2.0', put);
});

test.each(['archived', 'deprecated'])('an image that is %s is still pulled', async (status) => {
  const image = new Image(server(), freshName('status'));
  const { digest } = await image.pushImage('1.0');
  await setStatus(image, status);
  for (const reference of ['1.0', digest]) await image.ok(200, 'GET', `manifests/${reference}`);
});

test('an archived image takes no manifest, whichever way its blobs come', async () => {
  const image = new Image(server(), freshName('status'));
  await image.pushImage('1.0');
  await setStatus(image, 'archived');
  const digest = await new Image(server(), freshName('status')).pushBlob('elsewhere');
  const location = await image.begin();
  const ended = await image.call('PUT', ending(location, digest), { body: 'elsewhere', headers: OCTETS });
  expect(ended.status).toBeLessThan(500);
  const manifest = await new Image(server(), freshName('status')).makeImage();
  const response = await image.call('PUT', 'manifests/2.0', { body: manifest, headers: { 'content-type': IMAGE } });
  expect(response.status).toBeOneOf([403, 409]);
  expect((await image.call('HEAD', 'manifests/2.0')).status).toBe(404);
});
