/** Reports of a provider and a finding together, where the advice depends on both. */
import { generateKeyPairSync } from 'node:crypto';
import type { Report } from '../../src/report/status.ts';
import { type CheckCase, checkIn } from '../world/check.ts';
import { fixedClock } from '../world/clock.ts';
import type { NameScript } from '../world/dns.ts';
import { closed } from '../world/smtp.ts';
import { defaultListZones, reversed } from '../world/world.ts';

const IP = '198.51.100.7';
const IPV6 = '2001:db8::7';
const NAME = 'mail.example.com';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

/** What a case changes in a host that lacks nothing but a PTR record. */
interface Pair {
  /** The provider that the user names, or the AS number by which it is found. */
  readonly provider?: string;
  readonly asn?: number;
  readonly ip?: string;
  /** The PTR name. None when absent. */
  readonly ptr?: string;
  /** Whether mailcheck runs on the host, where outbound port 25 is closed. */
  readonly isOnHost?: true;
  readonly zone?: Readonly<Record<string, NameScript>>;
  readonly settings?: CheckCase['settings'];
  readonly rules?: readonly string[];
  /** No address is given. */
  readonly isByMx?: true;
}

const RULES = ['dns', 'ptr', 'helo', 'spf', 'dkim', 'dmarc', 'rbl', 'egress', 'provider', 'receiver'];

const pairs = {
  'netcup, port 25 closed': { provider: 'netcup', ptr: NAME, isOnHost: true },
  'scaleway, no PTR over IPv6': { provider: 'scaleway', ip: IPV6 },
  'ovhcloud, no PTR over IPv6': { provider: 'ovhcloud', ip: IPV6 },
  'leaseweb, no PTR over IPv6': { provider: 'leaseweb', ip: IPV6 },
  'exoscale, no PTR over IPv6': { provider: 'exoscale', ip: IPV6 },
  'upcloud, from outside': { provider: 'upcloud', ptr: NAME },
  'hetzner, cloud or robot': { asn: 24940, ptr: NAME },
  'hetzner, cloud or robot without PTR': { asn: 24940 },
  'leaseweb, policy not known': { provider: 'leaseweb', ptr: NAME },
  'digitalocean, from outside': { provider: 'digitalocean', ptr: NAME },
  'alibaba-cloud, port 25 closed': { provider: 'alibaba-cloud', ptr: NAME, isOnHost: true },
  'ovhcloud, on the PBL by the provider': {
    provider: 'ovhcloud',
    ptr: NAME,
    zone: defaultListZones({ 'zen.spamhaus.org': { [reversed(IP)]: { A: ['127.0.0.10'] } } }),
  },
  'fresh address without PTR, in bulk': { provider: 'vultr', settings: { volume: 'bulk' } },
  'mail host behind Cloudflare': {
    isByMx: true,
    zone: { [NAME]: { A: ['104.21.10.20'] } },
    rules: [...RULES, 'mx'],
  },
} as const satisfies Readonly<Record<string, Pair>>;

export type PairName = keyof typeof pairs;
export const pairNames = Object.keys(pairs) as readonly PairName[];

function worldOf({
  provider,
  asn,
  ip = IP,
  ptr,
  isOnHost,
  zone = {},
  settings,
  rules = RULES,
  isByMx,
}: Pair): CheckCase {
  const isV6 = ip.includes(':');
  const arpa = `${reversed(ip)}.${isV6 ? 'ip6' : 'in-addr'}.arpa`;
  return {
    dns: {
      zone: {
        ...defaultListZones({}),
        'example.com': { MX: [`10 ${NAME}`], TXT: [`v=spf1 ${isV6 ? 'ip6' : 'ip4'}:${ip} -all`] },
        [NAME]: isV6 ? { AAAA: [ip] } : { A: [ip] },
        's1._domainkey.example.com': { TXT: [[KEY.slice(0, 250), KEY.slice(250)]] },
        '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'] },
        ...(ptr === undefined ? {} : { [arpa]: { PTR: [ptr] } }),
        ...(asn === undefined
          ? {}
          : {
              [`${reversed(ip)}.origin.asn.cymru.com`]: { TXT: [`${asn} | 198.51.100.0/24 | US | arin | 2020-01-01`] },
            }),
        'mx.example.net': { A: ['192.0.2.1'] },
        'mx.example.org': { A: ['192.0.2.2'] },
        'www.example.net': { A: ['192.0.2.3'] },
        ...zone,
      },
      apexes: ['example.com', arpa.split('.').slice(1).join('.')],
    },
    hosts: { [ip]: { name: NAME, rcpt: closed('example.com') }, '192.0.2.3:443': {} },
    ips: isByMx ? [] : [ip],
    selectors: ['s1'],
    helo: NAME,
    rules,
    settings: {
      ...(provider === undefined ? {} : { provider }),
      ...settings,
      ...(isOnHost
        ? {
            vantage: 'self',
            egressTargets: [
              { host: 'mx.example.net', port: 25 },
              { host: 'mx.example.org', port: 25 },
            ],
            egressControls: [{ host: 'www.example.net', port: 443 }],
          }
        : {}),
    },
  };
}

/** @returns the report of a pair. The clock stands still, because what is known of a provider ages. */
export function pairReport(name: PairName): Promise<Report> {
  return checkIn(worldOf(pairs[name]), { clock: fixedClock });
}
