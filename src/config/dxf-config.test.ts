import { describe, expect, test } from 'bun:test';
import { loadDxfConfig } from './dxf-config.ts';
import type { Environment } from './environment.ts';

const load = (env: Environment = {}) => loadDxfConfig({ DXF_HOST: 'localhost:5000', ...env });

describe('the environment of dxf', () => {
  test('needs only the host; what is empty is not set', () => {
    const empty = Object.fromEntries(
      ['USERNAME', 'PASSWORD', 'AUTHORIZATION', 'AUTH_HOST', 'TOKEN', 'CHUNK_SIZE', 'PLATFORM', 'TLSVERIFY'].map(
        (name) => [`DXF_${name}`, ''],
      ),
    );
    expect(load(empty)).toEqual(load());
    expect(load()).toMatchObject({ host: 'localhost:5000', insecure: false, tlsverify: true, blobInfo: false });
    expect(() => loadDxfConfig({})).toThrow('DXF_HOST is not set');
  });

  test('switches only what says 1, and progress off with 0', () => {
    for (const value of ['', '0', 'yes', '2']) {
      const env = { DXF_INSECURE: value, DXF_BLOB_INFO: value, DXF_SKIPTLSVERIFY: value };
      expect(load(env)).toMatchObject({ insecure: false, blobInfo: false, tlsverify: true });
    }
    expect(load({ DXF_SKIPTLSVERIFY: '1', DXF_TLSVERIFY: '/nowhere' }).tlsverify).toBe(false);
    expect(['1', '0', 'x', ''].map((DXF_PROGRESS) => load({ DXF_PROGRESS }).progress)).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
  });

  test('finds certificates by the names that the original has, and looks whether they are there', () => {
    const here = import.meta.path;
    expect(load({ DXF_TLSVERIFY: here, REQUESTS_CA_BUNDLE: '/nowhere' }).tlsverify).toBe(here);
    expect(load({ REQUESTS_CA_BUNDLE: here }).tlsverify).toBe(here);
    expect(load({ CURL_CA_BUNDLE: here }).tlsverify).toBe(here);
    expect(() => load({ REQUESTS_CA_BUNDLE: '/nowhere' })).toThrow('which REQUESTS_CA_BUNDLE names');
    expect(load({ DXF_INSECURE: '1', DXF_TLSVERIFY: '/nowhere' }).tlsverify).toBe(true);
  });

  test('takes a chunk size that memory can hold', () => {
    expect(load({ DXF_CHUNK_SIZE: '8192' }).chunkSize).toBe(8192);
    for (const DXF_CHUNK_SIZE of ['0', '-1', '8k', '1e3', '1073741825', '99999999999']) {
      expect(() => load({ DXF_CHUNK_SIZE })).toThrow('DXF_CHUNK_SIZE is not a number of bytes');
    }
  });
});
