import { TestServer } from '../support/start-server.ts';
import { compareOn } from './compare.ts';

compareOn('Packyard', async () => {
  const server = await TestServer.start();
  const { url, adminToken } = server;
  // The original does not log in without TLS; a token it shows everywhere.
  return {
    url,
    env: { DXF_TOKEN: adminToken },
    authorization: `Bearer ${adminToken}`,
    stop: () => server.stop(),
  };
});
