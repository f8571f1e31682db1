import { beforeAll, describe, expect, test } from 'bun:test';
import { createRepository, putFile } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';
import { sha256 } from '../support/wheel.ts';

const server = useServer();
const etag = (content: string): string => `"${sha256(content)}"`;
const read = async (path: string): Promise<string> =>
  (await fetch(`${server().url}/repo/generic/overwrite/${path}`)).text();

describe('an upload with If-Match', () => {
  beforeAll(async () => {
    await createRepository(server(), 'generic/overwrite', { writePolicy: 'overwrite' });
  });

  test('replaces the file that it names', async () => {
    await putFile(server(), 'overwrite/named/1/f', 'one');
    const headers = { 'if-match': `"other", ${etag('one')}` };
    expect((await putFile(server(), 'overwrite/named/1/f', 'two', headers)).status).toBe(200);
    expect(await read('named/1/f')).toBe('two');
  });

  test('that names another file, or names it weakly, is 412 and changes nothing', async () => {
    await putFile(server(), 'overwrite/other/1/f', 'one');
    for (const match of [etag('zero'), `W/${etag('one')}`, sha256('one'), '']) {
      const headers = { 'if-match': match, accept: 'application/json' };
      const response = await putFile(server(), 'overwrite/other/1/f', 'two', headers);
      expect(response.status).toBe(412);
      expect(await response.json()).toMatchObject({ error: { code: 'precondition_failed' } });
    }
    expect(await read('other/1/f')).toBe('one');
  });

  test('asks with * that there is a file, whichever', async () => {
    const headers = { 'if-match': '*' };
    expect((await putFile(server(), 'overwrite/any/1/f', 'one', headers)).status).toBe(412);
    await putFile(server(), 'overwrite/any/1/f', 'one');
    expect((await putFile(server(), 'overwrite/any/1/f', 'two', headers)).status).toBe(200);
    expect(await read('any/1/f')).toBe('two');
  });

  test('creates no repository when there is nothing to match', async () => {
    expect((await putFile(server(), 'not-yet/p/1/f', 'one', { 'if-match': '*' })).status).toBe(412);
    expect((await fetch(`${server().url}/repo/generic/not-yet/`)).status).toBe(404);
  });

  test('does not make an immutable repository a mutable one', async () => {
    await putFile(server(), 'fixed/p/1/f', 'one');
    expect((await putFile(server(), 'fixed/p/1/f', 'two', { 'if-match': etag('one') })).status).toBe(409);
  });
});
