/** Whole runs of many kinds. Their recordings are replayed with failures. Most of them have something to find. */
import { providers, providerWorld } from '../golden/provider-report.ts';
import { signMessage } from '../standards/dkim/sign.ts';
import type { CheckCase } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { acceptsEverything, closed, greylist, openRelay, relaysFor } from '../world/smtp.ts';
import { defaultListZones, reversed, worldAuthority } from '../world/world.ts';

const IP = '203.0.113.5';
const SECOND = '203.0.113.9';
const IPV6 = '2001:db8::5';
const IPV6_REVERSE = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;

const TLS = { identity: worldAuthority.issue({ names: ['mail.example.com'] }) };
const EXPIRED = {
  identity: worldAuthority.issue({ names: ['mail.example.com'], notAfter: Date.parse('2026-01-01T00:00:00Z') }),
  maxVersion: 'TLSv1.1',
  ciphers: 'DEFAULT@SECLEVEL=0',
} as const;
const HOST = { name: 'mail.example.com', extensions: ['PIPELINING'], rcpt: closed(), tls: TLS };

const SOUND: Readonly<Record<string, NameScript>> = scenes.healthy.world.dns.zone;
/** The records of the sound domain itself. */
const APEX = { SOA: [], NS: ['ns.example.com'], MX: ['10 mail.example.com'], TXT: [`v=spf1 ip4:${IP} -all`] } as const;
const { apexes } = scenes.healthy.world.dns;

/** A run over the records of the sound host, with some of them changed. */
function changed(zone: Record<string, NameScript>, others: Partial<CheckCase> = {}): CheckCase {
  return {
    dns: { zone: { ...SOUND, ...zone }, apexes },
    hosts: { [IP]: HOST },
    selectors: ['s1'],
    ...others,
    settings: { extraRoots: [worldAuthority.certificate], ...others.settings },
  };
}

/** What a run is called, and its world. */
export const goldenRuns: Readonly<Record<string, CheckCase>> = {
  ...Object.fromEntries(
    Object.entries(scenes).map(([name, { world, args }]) => [
      `the scene "${name}"`,
      { ...world, domain: args[0] ?? '', ips: [args[1] ?? ''] },
    ]),
  ),
  'a sound host': changed({}),
  'no address typed, and two MX hosts of which one has no STARTTLS and the other an expired certificate': changed(
    {
      'example.com': { ...APEX, MX: ['10 mail.example.com', '20 mx2.example.com'] },
      'mx2.example.com': { A: [SECOND] },
      [`${reversed(SECOND)}.in-addr.arpa`]: { PTR: ['mx2.example.com'] },
    },
    {
      ips: [],
      hosts: { [IP]: { ...HOST, tls: EXPIRED }, [SECOND]: { name: 'mx2.example.com', rcpt: openRelay } },
    },
  ),
  'an address on three lists, in a block that is listed, with names that are listed': changed(
    {
      ...defaultListZones({
        'zen.spamhaus.org': { [reversed(IP)]: { A: ['127.0.0.2', '127.0.0.4'], TXT: ['https://example.org/'] } },
        'bl.spamcop.net': { [reversed(IP)]: { A: ['127.0.0.2'] } },
        'dnsbl-1.uceprotect.net': { [reversed(IP)]: { A: ['127.0.0.2'], TXT: ['203.0.113.0/24 is listed'] } },
        'dbl.spamhaus.org': { 'example.net': { A: ['127.0.1.2'] } },
      }),
      [`${reversed(IP)}.in-addr.arpa`]: { PTR: ['mail.example.net'] },
      'mail.example.net': { A: [IP] },
    },
    { helo: 'mail.example.net', settings: { neighbours: true } },
  ),
  'SPF by includes, with a void one, and an IPv6 address that it refuses': changed({
    'example.com': { ...APEX, TXT: ['v=spf1 include:_a.example.com include:_gone.example.com ~all'] },
    '_a.example.com': { TXT: [`v=spf1 ip4:${IP} mx include:_b.example.net ?all`] },
    '_b.example.net': { TXT: ['v=spf1 a:host.example.net exists:%{i}.example.net -all'] },
    'host.example.net': { A: ['198.51.100.20'] },
    'mail.example.com': { A: [IP], AAAA: [IPV6] },
  }),
  'SPF, DMARC and DKIM with slips': changed({
    'example.com': { ...APEX, TXT: [`v=spf1 ipv4:${IP} -all`] },
    '_dmarc.example.com': 'v=DMARC1; p=rejct; rua=mailto:d@example.net',
    's1._domainkey.example.com': 'v=DKIM1; p=MIIB',
  }),
  'a subdomain that inherits its policy, with reports to strangers': changed(
    {
      'news.example.com': { MX: ['10 mail.example.com'], TXT: [`v=spf1 ip4:${IP} -all`] },
      '_dmarc.example.com': 'v=DMARC1; p=reject; sp=none; rua=mailto:a@example.net,mailto:b@gone.example.org',
      'example.net': { MX: ['10 mx.example.net'] },
    },
    { domain: 'news.example.com', selectors: [] },
  ),
  'p=reject without any key': changed(
    { 's1._domainkey.example.com': 'nxdomain', '_dmarc.example.com': 'v=DMARC1; p=reject; rua=mailto:d@example.com' },
    { selectors: [] },
  ),
  'an alias as MX host, an MX host without address, and one that is not public': changed({
    'example.com': { ...APEX, MX: ['5 mx.example.com', '10 gone.example.com', '20 inner.example.com'] },
    'mx.example.com': { CNAME: ['mail.example.com'] },
    'inner.example.com': { A: ['10.0.0.1'] },
  }),
  'an IPv6 host whose reverse name leads elsewhere': changed(
    {
      [IPV6_REVERSE]: { PTR: ['host-5.example.net', 'mail.example.com'] },
      'host-5.example.net': { AAAA: ['2001:db8::9'] },
      'mail.example.com': { A: [IP], AAAA: ['2001:db8::8'] },
    },
    { ips: [IPV6], hosts: { [IPV6]: { ...HOST, name: 'localhost' } } },
  ),
  'a domain that does not exist': { dns: { zone: {}, apexes: [] }, hosts: { [IP]: 'refused' } },
  'an open relay by its own name, that takes everything on a submission port': changed(
    {},
    {
      hosts: {
        [IP]: { ...HOST, rcpt: relaysFor(({ sender }) => sender.endsWith('@example.com')) },
        [`${IP}:587`]: { ...HOST, rcpt: acceptsEverything },
        [`${IP}:465`]: { ...HOST, implicitTls: true },
      },
      settings: { submissionPorts: [587, 465] },
    },
  ),
  'a host that greylists, and refuses postmaster': changed(
    {},
    { hosts: { [IP]: { ...HOST, rcpt: greylist() } }, settings: { activeRcpt: true } },
  ),
  'a host that is closed': changed({}, { hosts: { [IP]: 'refused' } }),
  'a host that greets with 554': changed({}, { hosts: { [IP]: { ...HOST, greeting: '554 no service' } } }),
  'a message that was changed on its way': changed(
    {},
    {
      selectors: [],
      settings: {
        message: Buffer.from(
          signMessage('From: a@example.com\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHello.\r\n').replace(
            'Hello',
            'Hi',
          ),
        ),
      },
    },
  ),
  ...Object.fromEntries(providers.map((provider) => [`a fresh address at ${provider}`, providerWorld(provider)])),
};
