import { expect, test } from 'bun:test';
import { ClientAddress } from './client-address.ts';

test('without trusted proxies the peer is the client, whatever its headers say', () => {
  expect(new ClientAddress([]).of('203.0.113.9', '192.0.2.1')).toBe('203.0.113.9');
});

test('behind trusted proxies the client is the nearest address that is not one of them', () => {
  const addresses = new ClientAddress(['10.0.0.0/8', '127.0.0.1', '::1']);
  expect(addresses.of('127.0.0.1', '198.51.100.7, 192.0.2.1, 10.1.2.3')).toBe('192.0.2.1');
  expect(addresses.of('::ffff:127.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
  expect(addresses.of('127.0.0.1', null)).toBe('127.0.0.1');
});

test('what is not an address is never taken for one: the last that was one stands', () => {
  const addresses = new ClientAddress(['10.0.0.0/8', '127.0.0.1']);
  for (const nonsense of ['unknown', '192.0.2.1:4711', '', '<script>', `fe80::1%${'z'.repeat(1000)}`]) {
    expect(addresses.of('127.0.0.1', `192.0.2.9, ${nonsense}, 10.1.2.3`)).toBe('10.1.2.3');
    expect(addresses.of('127.0.0.1', nonsense)).toBe('127.0.0.1');
  }
});

test('an IPv4 address in the form of IPv6 is known in either spelling', () => {
  const addresses = new ClientAddress(['127.0.0.1', '10.0.0.1']);
  expect(addresses.of('127.0.0.1', '192.0.2.1, ::ffff:10.0.0.1')).toBe('192.0.2.1');
  expect(addresses.of('127.0.0.1', '192.0.2.1, ::ffff:a00:1')).toBe('192.0.2.1');
});

test('a proxy that is not an address is refused at the start', () => {
  expect(() => new ClientAddress(['proxy.example'])).toThrow('trusted_proxies');
});
