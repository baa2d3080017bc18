/** The reports of a fresh address at each of many providers, made on the host. */
import type { Report } from '../../src/report/status.ts';
import { type CheckCase, checkIn } from '../world/check.ts';
import { fixedClock } from '../world/clock.ts';
import type { NameScript } from '../world/dns.ts';
import { closed } from '../world/smtp.ts';
import { defaultListZones, reversed } from '../world/world.ts';

const IP = '198.51.100.7';

/** By its network where that is the provider's alone, else named by the user. */
const BY_NETWORK: Readonly<Record<string, number>> = {
  digitalocean: 14061,
  'google-cloud': 396982,
  hetzner: 24940,
  linode: 63949,
  ovhcloud: 16276,
  vultr: 20473,
};

const NAMED = [
  'aws-ec2',
  'aws-lightsail',
  'azure',
  'oracle-cloud',
  'hetzner-robot',
  'scaleway',
  'ionos',
  'contabo',
  'netcup',
  'upcloud',
  'rackspace',
  'fly-io',
  'gogrid',
  'joyent',
  'physical',
  'third-party-email',
];

export const providers: readonly string[] = [...Object.keys(BY_NETWORK), ...NAMED];

/** @returns the world of a host there: no reverse name, on a policy list, outbound port 25 closed. */
export function providerWorld(provider: string): CheckCase {
  const asn = BY_NETWORK[provider];
  const zone: Record<string, NameScript> = {
    ...defaultListZones({ 'zen.spamhaus.org': { [reversed(IP)]: { A: ['127.0.0.11'] } } }),
    'example.com': { MX: ['10 mail.example.com'], TXT: [`v=spf1 ip4:${IP} -all`] },
    'mail.example.com': { A: [IP] },
    'mx.example.net': { A: ['192.0.2.1'] },
    'mx.example.org': { A: ['192.0.2.2'] },
    'www.example.net': { A: ['192.0.2.3'] },
    ...(asn === undefined
      ? {}
      : { [`${reversed(IP)}.origin.asn.cymru.com`]: { TXT: [`${asn} | 198.51.100.0/24 | US | arin | 2020-01-01`] } }),
  };
  return {
    dns: { zone, apexes: ['example.com', '100.51.198.in-addr.arpa'] },
    hosts: { [IP]: { name: 'mail.example.com', rcpt: closed('example.com') }, '192.0.2.3:443': {} },
    ips: [IP],
    helo: 'mail.example.com',
    rules: ['ptr', 'rbl', 'egress', 'provider', 'receiver', 'spf'],
    settings: {
      ...(asn === undefined ? { provider } : {}),
      vantage: 'self',
      egressTargets: [
        { host: 'mx.example.net', port: 25 },
        { host: 'mx.example.org', port: 25 },
      ],
      egressControls: [{ host: 'www.example.net', port: 443 }],
    },
  };
}

/** @returns the report of that host. */
export function providerReport(provider: string): Promise<Report> {
  // What is known of a provider ages: by a clock that goes, the report would be another one some day.
  return checkIn(providerWorld(provider), { clock: fixedClock });
}
