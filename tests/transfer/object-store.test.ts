import { expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { skipVisibly } from '../support/clients.ts';
import { hasS3Server, newBucket, S3_SKIP_REASON, s3Server, s3Url } from '../support/seaweedfs.ts';
import { TestServer } from '../support/start-server.ts';
import { describeInstance, describeTables, EmptyPlaces, fillInstance, packyard } from './instance.ts';

const SENTENCE = 'an instance goes from a folder into an object store and back, with nothing changed';

if (!hasS3Server()) {
  skipVisibly(SENTENCE, S3_SKIP_REASON);
} else {
  test(SENTENCE, async () => {
    await using server = await TestServer.start({ storage: 'folder' });
    await fillInstance(server);
    // Large enough to be sent in parts.
    const large = new Uint8Array(20_000_000).fill(7);
    expect((await putFile(server, 'large/p/1/f', large)).status).toBe(201);
    const before = await describeInstance(server);
    const tables = await describeTables(server.databaseUrl);
    await using bucket = EmptyPlaces.sqlite(s3Url(newBucket(await s3Server())));
    await using back = await EmptyPlaces.create('folder');
    const into = (places: EmptyPlaces) => ['--to-database', places.database, '--to-storage', places.storage];
    const there = await packyard('migrate', ...server.placeFlags, ...into(bucket), '--verify');
    expect(there).toMatchObject({ code: 0 });
    expect(there.output).not.toContain((await s3Server()).admin.secretAccessKey);
    expect(await packyard('migrate', ...bucket.flags, ...into(back))).toMatchObject({ code: 0 });
    for (const places of [bucket, back]) {
      expect(await describeTables(places.database)).toEqual(tables);
      expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
      await using copy = await places.serve(server.adminToken);
      expect(await describeInstance(copy)).toEqual(before);
    }
  });
}
