import { expect, test } from 'bun:test';
import { skipVisibly } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { Load } from '../support/load.ts';
import { Replicas } from '../support/replicas.ts';
import { hasS3Server, newBucket, S3_SKIP_REASON, s3Server, s3Url } from '../support/seaweedfs.ts';
import { sharedPlaces } from '../support/shared-places.ts';

const SENTENCE =
  'an object store that answers 503 for a while, then slowly, then cuts connections: nothing that was acknowledged is lost or damaged';

if (!hasS3Server()) {
  skipVisibly(SENTENCE, S3_SKIP_REASON);
} else {
  test(SENTENCE, async () => {
    const places = await sharedPlaces();
    try {
      const server = await s3Server();
      await using proxy = await FaultProxy.start(server.endpoint);
      const storage = s3Url(newBucket(server, { endpoint: proxy.url }));
      await using replicas = await Replicas.start(2, { database: places.database, storage });
      const load = new Load(replicas.servers, { maxSize: 400_000 });
      await load.until(40);

      proxy.refuse();
      await Bun.sleep(3_000);
      proxy.calm();
      await load.until(40);
      expect(proxy.refused).toBeGreaterThan(0);

      proxy.slowDown(200_000);
      await load.until(10);
      proxy.calm();

      proxy.breakRequests({ after: 60_000, times: 30 });
      await load.until(40);
      proxy.breakAnswers({ after: 200, times: 30 });
      await load.until(40);
      expect(proxy.broken).toBeGreaterThan(0);
      await load.stop();
      proxy.calm();

      expect(load.defects).toEqual([]);
      for (const replica of replicas.servers) expect(await load.verify(replica)).toEqual([]);

      // Reading, too: whoever downloads while connections are cut gets the whole file.
      proxy.breakAnswers({ after: 100_000, times: 5 });
      expect(await load.verify(replicas.get(1))).toEqual([]);
      proxy.calm();
      expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
    } finally {
      await places.dispose();
    }
  });

  test('an object store that stays away is 503 with Retry-After, for uploads and downloads, and /readyz says so', async () => {
    const places = await sharedPlaces();
    try {
      const server = await s3Server();
      await using proxy = await FaultProxy.start(server.endpoint);
      const storage = s3Url(newBucket(server, { endpoint: proxy.url }));
      await using replicas = await Replicas.start(1, { database: places.database, storage });
      const load = new Load(replicas.servers, { parallel: 1, maxSize: 2_000_000 });
      await load.until(3);
      await load.stop();
      proxy.refuse();
      const replica = replicas.get(0);
      const [name = ''] = load.acknowledged;
      const download = await fetch(`${replica.url}/repo/generic/load/p/${name}/f.bin`);
      expect(download.status).toBe(503);
      await eventually(
        'it says that it is not ready',
        async () => (await fetch(`${replica.url}/readyz`)).status === 503,
      );
      expect(Number(download.headers.get('retry-after'))).toBeGreaterThan(0);
      proxy.calm();
      expect(await load.verify(replica)).toEqual([]);
    } finally {
      await places.dispose();
    }
  });
}
