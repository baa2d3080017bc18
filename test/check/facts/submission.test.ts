/** Which submission ports of an address are looked at where nothing is said of them. */
import { expect, test } from 'vitest';
import { submissionPorts } from '../../../src/check/facts/submission.ts';
import type { Settings } from '../../../src/check/settings.ts';
import { parseIp } from '../../../src/network/ip.ts';

const settings: Settings = { smtpPort: 25, allowPrivate: true };
const elsewhere = { host: '127.0.0.1', port: 2587 };

test.each<[when: string, address: string, given: Partial<Settings>, ports: readonly number[]]>([
  ['an address that is not loopback: both', '203.0.113.5', {}, [587, 465]],
  ['a loopback address: none', '127.0.0.1', {}, []],
  ['the loopback address of IPv6: none', '::1', {}, []],
  ['a loopback address and ports that are given: these', '127.0.0.1', { submissionPorts: [587] }, [587]],
  ['an address that is led elsewhere: none', '203.0.113.5', { connectTo: new Map() }, []],
  [
    'an address of which one port is led elsewhere: that one',
    '203.0.113.5',
    { connectTo: new Map([['203.0.113.5:587', elsewhere]]) },
    [587],
  ],
])('submission ports of %s', (_, address, given, ports) => {
  const ip = parseIp(address);
  expect(ip && submissionPorts({ ...settings, ...given }, ip)).toEqual(ports);
});
