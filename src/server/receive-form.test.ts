import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createTestRegistry, type TestRegistry } from '../registry/testing.ts';
import { receiveForm } from './receive-form.ts';

let t: TestRegistry;
beforeEach(async () => {
  t = await createTestRegistry();
});
afterEach(() => t.dispose());

const HEAD = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\nsome bytes';

function upload(body: ReadableStream<Uint8Array>): Request {
  return new Request('http://localhost/addpkg', {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body,
  });
}

test('a client that goes away while its rights are looked up is an error of this request alone', async () => {
  const asked = Promise.withResolvers<void>();
  const rights = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode(HEAD));
      await asked.promise;
      controller.error(new Error('connection reset'));
    },
  });
  const beforeFile = (): Promise<void> => {
    asked.resolve();
    return rights.promise;
  };
  const received = receiveForm(t.registry, upload(body), { fields: 10 }, { beforeFile });
  setTimeout(rights.resolve, 20);
  await expect(received).rejects.toMatchObject({ code: 'client_closed' });
});

test('a form whose file nobody may upload is not read to its end', async () => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new TextEncoder().encode(pulled === 1 ? HEAD : 'x'.repeat(65_536)));
    },
  });
  const beforeFile = () => Promise.reject(new Error('not allowed'));
  const received = receiveForm(t.registry, upload(body), { fields: 10 }, { beforeFile });
  await expect(received).rejects.toThrow('not allowed');
  const then = pulled;
  await Bun.sleep(20);
  expect(pulled - then).toBeLessThan(5);
});

test('a form that ends after its file but before its end is refused, and nothing of it stays', async () => {
  const cut = new Blob([`${HEAD}\r\n--x\r\nContent-Disposition: form-data; name="late"\r\n\r\nval`]).stream();
  const received = receiveForm(t.registry, upload(cut), { fields: 10 });
  await expect(received).rejects.toMatchObject({ code: 'invalid_request' });
});
