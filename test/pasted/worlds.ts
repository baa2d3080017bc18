/** Worlds in which the network says hostile things in every place from which a report takes what it prints. */
import { generateKeyPairSync } from 'node:crypto';
import { HOSTILE_VALUES } from '../world/hostile-evidence.ts';
import type { NameScript, ZoneScript } from '../world/zone.ts';

export const IP = '203.0.113.5';
const REVERSE = '5.113.0.203.in-addr.arpa';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

/** @returns the characters of a text that a term of SPF may have (RFC 7208 §7.1). */
const literal = (text: string): string => text.replace(/[^\x21-\x7e]|[%/]/g, '');

/** @returns the characters of a text that the value of a tag may have (RFC 6376 §3.2). */
const tagValue = (text: string): string => text.replace(/[^\x20-\x7e]|;/g, '').trim();

/** A world: what is in its zone. */
export interface HostileWorld {
  readonly title: string;
  readonly zone: ZoneScript;
}

/** @returns the zone of a host, with other entries in place of some. */
function hostWith(others: ZoneScript): ZoneScript {
  const own: Record<string, NameScript> = {
    'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: [`v=spf1 ip4:${IP} -all`] },
    'mail.example.com': { A: [IP] },
    's1._domainkey.example.com': { TXT: ['v=DKIM1; p=AAAA'] },
    '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'] },
    [REVERSE]: { PTR: ['mail.example.com'] },
  };
  return { ...own, ...others };
}

/** Where the network says it: the entries that a hostile text makes. */
const PLACES: Readonly<Record<string, (text: string, name: string) => ZoneScript>> = {
  'a PTR name that leads back': (_, name) => ({ [REVERSE]: { PTR: [name] }, [name]: { A: [IP] } }),
  'a PTR name that leads nowhere': (_, name) => ({ [REVERSE]: { PTR: [name] } }),
  'one PTR name of two': (_, name) => ({ [REVERSE]: { PTR: ['mail.example.com', name] } }),
  'the alias of a reverse name': (_, name) => ({ [REVERSE]: { CNAME: [name] }, [name]: { PTR: ['mail.example.com'] } }),
  'the alias of a reverse name, without record': (_, name) => ({ [REVERSE]: { CNAME: [name] } }),
  'an MX host that takes mail': (_, name) => ({ 'example.com': { SOA: [], MX: [`10 ${name}`] }, [name]: { A: [IP] } }),
  'an MX host that does not exist': (_, name) => ({
    'example.com': { SOA: [], MX: [`10 ${name}`, '20 mail.example.com'] },
  }),
  'an MX host that is an alias': (_, name) => ({ 'mail.example.com': { CNAME: [name] }, [name]: { A: [IP] } }),
  'an MX host in a private network': (_, name) => ({
    'example.com': { SOA: [], MX: [`10 ${name}`] },
    [name]: { A: ['10.0.0.1'] },
  }),
  'the domain as an alias': (_, name) => ({
    'example.com': { CNAME: [name] },
    [name]: { MX: [`10 ${name}`], TXT: ['v=spf1 -all'] },
  }),
  'the HELO name as an alias that leads nowhere': (_, name) => ({ 'mail.example.com': { CNAME: [name] } }),
  'a selector as an alias': (_, name) => ({ 's1._domainkey.example.com': { CNAME: [name] } }),
  'a selector as an alias with a damaged key': (_, name) => ({
    's1._domainkey.example.com': { CNAME: [name] },
    [name]: { TXT: ['v=DKIM1 p=MIGf MA0'] },
  }),
  'a term of SPF that stays': (text) => ({
    'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: [`v=spf1 exists:${literal(text)}.evil.example -all`] },
  }),
  'a misspelt record with a term of SPF that stays': (text) => ({
    'example.com': {
      SOA: [],
      MX: ['10 mail.example.com'],
      TXT: [`v=spf1; exists:${literal(text)}.evil.example ipv4:${IP} -all`],
    },
  }),
  'a tag of DMARC that stays': (text) => ({
    '_dmarc.example.com': { TXT: [`v=DMARC1; p=none; rua=mailto:dmarc@example.com; x=${tagValue(text)}`] },
  }),
  'a report address that stays': (text) => ({
    '_dmarc.example.com': {
      TXT: [`v=DMARC1; p=nonne; rua=mailto:dmarc@example.com,https://evil.example/${literal(text)}`],
    },
  }),
  'a note of a key that stays': (text) => ({
    's1._domainkey.example.com': { TXT: [`v=DKIM1; t=y; n=${tagValue(text)}; p=${KEY}`] },
  }),
  'a note of a key with a slip': (text) => ({
    's1._domainkey.example.com': {
      TXT: [`v=DKIM1; k=rsa; n=${tagValue(text)}; p=${KEY.slice(0, 80)} "${KEY.slice(80)}`],
    },
  }),
  'a term of SPF': (text) => ({
    'example.com': { SOA: [], TXT: [`v=spf1 include:${text}.evil.example ${text} a:${text} -al`] },
  }),
  'the terms of two SPF records': (text) => ({
    'example.com': {
      SOA: [],
      TXT: [`v=spf1 exists:${text}.evil.example ?all`, `v=spf1 exp=${text} ip4:192.0.2.1 ~all`],
    },
  }),
  'a TXT record with SPF in it': (text) => ({ 'example.com': { SOA: [], TXT: [`"v=spf1 a ${text} -all`] } }),
  'an SPF record of a name in quotes': (text) => ({
    'example.com': { SOA: [], TXT: [`v=spf1 redirect="${text}.evil.example"`] },
  }),
  'tags of DMARC': (text) => ({
    '_dmarc.example.com': { TXT: [`v=DMARC1; p=${text}; rua=mailto:${text}@evil.example; ${text}=x`] },
  }),
  'report addresses': (text) => ({
    '_dmarc.example.com': {
      TXT: [`v=DMARC1; p=none; rua=mailto:"${text}|"@evil.example,${text}; ruf=https://${text}`],
    },
  }),
  'two DMARC records': (text) => ({
    '_dmarc.example.com': { TXT: [`v=DMARC1; p=none; x=${text}`, `v=DMARC1; p=reject; rua=${text}`] },
  }),
  'tags of a key': (text) => ({
    's1._domainkey.example.com': { TXT: [`v=DKIM1; n=${text}; h=${text}; s=${text}; p=AAAA`] },
  }),
  'a key as a line of a zone file': (text) => ({
    's1._domainkey.example.com': { TXT: [`${text} IN TXT ( "v=DKIM1; p=AAAA" ) ; ${text}`] },
  }),
  'a TXT record with the name of a target': (text) => ({
    's1._domainkey.example.com': { TXT: [`${text}.evil.example.`] },
  }),
  'the words of a block list': (text) => ({
    '2.0.0.127.zen.spamhaus.org': { A: ['127.0.0.2'] },
    '5.113.0.203.zen.spamhaus.org': {
      A: ['127.0.0.2', '127.0.0.99'],
      TXT: [`https://evil.example/${text} http://x.example ${text}`],
    },
  }),
  'the network of the address': (text) => ({
    '5.113.0.203.origin.asn.cymru.com': { TXT: [`64500 | ${text} | ${text} | x |`] },
  }),
};

/** @returns every hostile value in every place. */
export function hostileWorlds(): HostileWorld[] {
  return Object.entries(PLACES).flatMap(([place, entries]) =>
    HOSTILE_VALUES.map((text) => ({
      title: `${place}: ${JSON.stringify(text)}`,
      zone: hostWith(entries(text, `${text.replaceAll('.', '')}.evil.example`)),
    })),
  );
}
