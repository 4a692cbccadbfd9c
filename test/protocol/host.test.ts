// Addresses as people write them: what is dialled, and what stands in a URL again.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bracketed, brokerAt, hostOf } from '../../protocol/host.ts';

test('the host of an address is what is dialled: no password, no brackets', () => {
  assert.is(hostOf('rtsp://an:pw@10.0.0.9:554/x'), '10.0.0.9');
  assert.is(hostOf('rtsp://[fd00::9]/x'), 'fd00::9');
  assert.throws(() => hostOf('10.0.0.9'), /Invalid URL/);
});

for (const [url, host, port, isTls] of [
  ['mqtt://127.0.0.1', '127.0.0.1', 1883, false],
  ['mqtts://hub.xa.vn', 'hub.xa.vn', 8883, true],
  ['mqtts://[fd00::1]:18883', 'fd00::1', 18883, true],
  ['mqtt://[::1]', '::1', 1883, false],
] as const)
  test(`a broker at ${url}`, () => assert.equal(brokerAt(url), { host, port, isTls }));

test('in a URL an IPv6 address has its brackets', () => {
  assert.is(bracketed('fd00::1'), '[fd00::1]');
  assert.is(bracketed('10.0.0.9'), '10.0.0.9');
  assert.is(bracketed('hub.xa.vn'), 'hub.xa.vn');
});

test.run();
