/** The three hosts of the demo: a healthy one, a typical fresh cloud address, and an open relay. */
import { generateKeyPairSync } from 'node:crypto';
import type { NameScript } from './dns.ts';
import { closed, openRelay } from './smtp.ts';
import { defaultListZones, reversed, type WorldScript, worldAuthority } from './world.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimRecord = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const dkim = [dkimRecord.slice(0, 250), dkimRecord.slice(250)];

interface Host {
  readonly domain: string;
  readonly name: string;
  readonly ip: string;
}

/** The DNS records of a correct host. */
function wellKept({ domain, name, ip }: Host): Record<string, NameScript> {
  return {
    [domain]: { SOA: [], NS: [`ns.${domain}`], MX: [`10 ${name}`], A: [ip], TXT: [`v=spf1 ip4:${ip} -all`] },
    [name]: { A: [ip], TXT: ['v=spf1 a -all'] },
    [`s1._domainkey.${domain}`]: { TXT: [dkim] },
    [`_dmarc.${domain}`]: { TXT: [`v=DMARC1; p=quarantine; rua=mailto:dmarc@${domain}`] },
    [`${reversed(ip)}.in-addr.arpa`]: { PTR: [name] },
  };
}

const tlsOf = ({ name }: Host) => ({ identity: worldAuthority.issue({ names: [name] }) });

export interface Scene {
  readonly title: string;
  readonly args: readonly string[];
  readonly world: WorldScript;
  readonly exitCode: number;
}

const healthy: Host = { domain: 'example.com', name: 'mail.example.com', ip: '203.0.113.5' };
const fresh: Host = { domain: 'example.net', name: 'mail.example.net', ip: '198.51.100.7' };
const relay: Host = { domain: 'example.org', name: 'mx1.example.org', ip: '192.0.2.25' };

const apexes = [
  'example.com',
  'example.net',
  'example.org',
  '113.0.203.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '2.0.192.in-addr.arpa',
];

export const scenes = {
  healthy: {
    title: 'A healthy host',
    args: [healthy.domain, healthy.ip, '--selector', 's1'],
    exitCode: 0,
    world: {
      dns: { zone: { ...wellKept(healthy), ...defaultListZones() }, apexes },
      hosts: {
        [healthy.ip]: {
          name: healthy.name,
          extensions: ['PIPELINING', 'SIZE 10240000'],
          rcpt: closed(healthy.domain),
          tls: tlsOf(healthy),
        },
      },
    },
  },
  fresh: {
    title: 'A fresh cloud address: no PTR, on a policy list, missing from SPF',
    args: [fresh.domain, fresh.ip, '--helo', fresh.name],
    exitCode: 1,
    world: {
      dns: {
        apexes,
        zone: {
          ...defaultListZones({
            'zen.spamhaus.org': {
              [reversed(fresh.ip)]: { A: ['127.0.0.11'], TXT: [`https://check.spamhaus.org/query/ip/${fresh.ip}`] },
            },
          }),
          [`${reversed(fresh.ip)}.origin.asn.cymru.com`]: { TXT: ['63949 | 198.51.100.0/24 | US | arin | 2015-07-01'] },
          [fresh.domain]: { MX: [`10 ${fresh.name}`], TXT: ['v=spf1 include:_spf.example.com ~all'] },
          '_spf.example.com': { TXT: ['v=spf1 ip4:192.0.2.0/28 -all'] },
          [fresh.name]: { A: [fresh.ip] },
          [`_dmarc.${fresh.domain}`]: { TXT: [`v=DMARC1; p=none; rua=mailto:dmarc@${fresh.domain}`] },
        },
      },
      hosts: {
        [fresh.ip]: {
          name: fresh.name,
          extensions: ['PIPELINING'],
          rcpt: closed(fresh.domain),
          tls: tlsOf(fresh),
        },
      },
    },
  },
  relay: {
    title: 'An open relay',
    args: [relay.domain, relay.ip, '--selector', 's1', '--relay-rcpt', 'you@example.com'],
    exitCode: 1,
    world: {
      dns: { zone: { ...wellKept(relay), ...defaultListZones() }, apexes },
      hosts: {
        [relay.ip]: { name: relay.name, extensions: ['PIPELINING'], rcpt: openRelay, tls: tlsOf(relay) },
      },
    },
  },
} as const satisfies Record<string, Scene>;
