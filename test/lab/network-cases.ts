/** Cases of what serves a domain: mail hosts, signed and broken zones, resolvers, block lists. They run in `cases.test.ts`. */
import type { Case, Groups } from './domain-cases.ts';
import { NO_TCP, NO_UDP, RESOLVER, RESOLVER6 } from './internet.ts';
import { HOST, HOST6, LISTED, mailHosts, nameServers } from './tree-zones.ts';

function wholeHost(): readonly Case[] {
  const pass = {
    dns: 'pass dns/ip-not-public dns/ip-not-public',
    ptr: 'pass',
    helo: 'pass',
    spf: 'pass',
    dkim: 'pass',
    dmarc: 'pass',
    rbl: 'pass',
    provider: 'pass provider/unknown provider/unknown',
    'open-relay': 'pass',
    tls: 'pass',
    mx: 'pass',
    dnssec: 'pass',
    dane: 'pass dane/absent',
    'mta-sts': 'pass mta-sts/absent',
    'tls-rpt': 'pass tls-rpt/absent',
    bimi: 'pass bimi/absent',
    receiver: 'pass receiver/not-checkable',
  };
  const SELECTOR = '--selector s1';
  return [
    ['right in everything, by IPv4 and IPv6', `example.com ${HOST} ${HOST6} ${SELECTOR}`, 0, pass],
    ['its addresses found by its MX', `example.com ${SELECTOR}`, 0, pass],
    ['asked over IPv6', `example.com ${HOST} ${HOST6} ${SELECTOR} --dns ${RESOLVER6}`, 0, pass],
    [
      'one of its two addresses is another’s',
      `example.com ${HOST} 203.0.113.204 ${SELECTOR} --only ptr,spf --helo mail.example.com`,
      1,
      {
        ptr: 'fail ptr/partly-confirmed ptr/multiple ptr/foreign-domain',
        spf: 'fail spf/not-public-range spf/ip-not-authorized',
      },
    ],
  ];
}

function mx(): readonly Case[] {
  const only = `--only mx`;
  return [
    ['an alias', `aliasmx.example.net ${HOST} ${only}`, 0, { mx: 'warn mx/target-is-cname' }],
    ['null', `nullmx.example.net ${HOST} ${only}`, 0, { mx: 'warn mx/null-mx' }],
    ['to nothing', `danglingmx.example.net ${HOST} ${only}`, 1, { mx: 'fail mx/target-unresolvable' }],
    ['to a lame zone', `lamemx.example.net ${HOST} ${only}`, 3, { mx: 'inconclusive mx/inconclusive' }],
    ['none, but an address', `implicit.example.net ${HOST} ${only}`, 0, { mx: 'warn mx/none' }],
    ['neither', `nospf.example.net ${HOST} ${only}`, 1, { mx: 'fail mx/no-address' }],
    [
      'a host with its port closed',
      `closed.example.net ${HOST} ${only}`,
      1,
      { mx: 'fail mx/port-closed mx/ip-not-mx' },
    ],
    [
      'a host that listens on one of its two addresses',
      `v4only.example.net ${mailHosts.v4only[0]} ${only}`,
      0,
      { mx: 'warn mx/some-unreachable' },
    ],
  ];
}

function zones(): readonly Case[] {
  const only = '--only dns,spf,dkim,dmarc --selector s1 --helo mail.example.com';
  const open = {
    dns: 'inconclusive dns/ip-not-public dns/unreachable',
    spf: 'inconclusive spf/inconclusive',
    // The search for selectors, and the records that it begins with.
    dkim: 'inconclusive dkim/inconclusive dkim/inconclusive',
    dmarc: 'inconclusive dmarc/inconclusive',
  };
  const fine = {
    dns: 'pass dns/ip-not-public dns/ip-not-public',
    spf: 'pass',
    dkim: 'pass',
    dmarc: 'warn dmarc/policy-none',
  };
  return [
    ['signed', `signed.example.com ${HOST} ${HOST6} ${only}`, 0, fine],
    ['signed, with NSEC3', `nsec3.example.com ${HOST} ${HOST6} ${only}`, 0, fine],
    ['signed, but nobody says so', `island.example.com ${HOST} ${HOST6} ${only}`, 0, fine],
    ['signatures of years ago', `expired.example.com ${HOST} ${only}`, 3, open],
    ['another key than its parent says', `wrong-ds.example.com ${HOST} ${only}`, 3, open],
    ['a lame delegation', `lame.example.org ${HOST} ${only}`, 3, open],
    ['dead name servers', `dead.example.org ${HOST} ${only}`, 3, open],
    ['silent name servers', `silent.example.org ${HOST} ${only}`, 3, open],
    ['a zone file that cannot be read', `servfail.example.org ${HOST} ${only}`, 3, open],
    ['a server that refuses', `refused.example.org ${HOST} ${only}`, 3, open],
    ['two of three name servers out of order', `half-lame.example.org ${HOST} ${HOST6} --only spf`, 0, { spf: 'pass' }],
    [
      'a domain that does not exist',
      `gone.example.org ${HOST} --only dns`,
      1,
      { dns: 'fail dns/ip-not-public dns/domain-nonexistent' },
    ],
    [
      'NSEC3 denies a selector',
      `nsec3.example.com ${HOST} ${HOST6} --only dkim --selector s2`,
      1,
      { dkim: 'fail dkim/selector-missing' },
    ],
  ];
}

function resolvers(): readonly Case[] {
  const large = `large.example.net ${HOST} ${HOST6} --only spf --helo mail.example.com`;
  return [
    ['UDP answers are lost: TCP', `example.com ${HOST} --only ptr --dns ${NO_UDP}`, 0, { ptr: 'pass' }],
    ['TCP answers are lost, small answers', `example.com ${HOST} --only ptr --dns ${NO_TCP}`, 0, { ptr: 'pass' }],
    ['TCP answers are lost, a large one', `${large} --dns ${NO_TCP}`, 3, { spf: 'inconclusive spf/inconclusive' }],
    [
      'the first resolver refuses, the second answers',
      `example.com ${HOST} ${HOST6} --only ptr,spf --dns ${nameServers.lame[0]} --dns ${RESOLVER}`,
      0,
      { ptr: 'pass', spf: 'pass' },
    ],
    [
      'the only resolver refuses',
      `example.com ${HOST} --only dns,ptr,spf --dns ${nameServers.lame[0]} --helo mail.example.com`,
      3,
      {
        dns: 'inconclusive dns/ip-not-public dns/unreachable',
        ptr: 'inconclusive ptr/inconclusive',
        spf: 'inconclusive spf/inconclusive',
      },
    ],
    [
      'a name server of the root is no resolver',
      `example.com ${HOST} --only ptr,spf --dns ${nameServers.root[0]} --helo mail.example.com`,
      3,
      { ptr: 'inconclusive ptr/inconclusive', spf: 'inconclusive spf/inconclusive' },
    ],
    [
      'nothing listens',
      `example.com --dns ${nameServers.dead[0]} --only ptr,spf,mx,rbl --helo mail.example.com`,
      3,
      {
        ptr: 'inconclusive ptr/inconclusive',
        spf: 'inconclusive spf/inconclusive',
        rbl: 'inconclusive rbl/inconclusive',
        mx: 'inconclusive mx/inconclusive',
      },
    ],
  ];
}

function lists(): readonly Case[] {
  const zen = '--only rbl --dnsbl zen.spamhaus.org --helo mail.example.com';
  return [
    ['not listed', `example.com ${HOST} ${zen}`, 0, { rbl: 'pass' }],
    ['listed', `example.com ${LISTED.spamhaus4} ${zen}`, 1, { rbl: 'fail rbl/listed' }],
    ['listed by IPv6', `example.com ${LISTED.spamhaus6} ${zen}`, 1, { rbl: 'fail rbl/listed' }],
    ['a policy listing', `example.com ${LISTED.policy4} ${zen}`, 1, { rbl: 'fail rbl/listed-policy' }],
    [
      'a list that refuses',
      `example.com ${HOST} --only rbl --dnsbl refusing.example.org`,
      3,
      { rbl: 'inconclusive rbl/query-refused' },
    ],
    [
      'a list without its test entry',
      `example.com ${HOST} --only rbl --dnsbl empty.example.org`,
      3,
      { rbl: 'inconclusive rbl/list-broken' },
    ],
    [
      'a list whose servers are dead, beside one that lists',
      `example.com ${LISTED.spamhaus4} ${zen} --dnsbl dead.example.org`,
      1,
      { rbl: 'fail rbl/listed rbl/inconclusive' },
    ],
    [
      'a list whose servers are dead',
      `example.com ${HOST} ${zen} --dnsbl dead.example.org`,
      3,
      { rbl: 'inconclusive rbl/inconclusive' },
    ],
  ];
}

function mailServers(): readonly Case[] {
  const only = (id: keyof typeof mailHosts, rules: string) => `${id}.example.net ${mailHosts[id][0]} --only ${rules}`;
  return [
    [
      'Exim, an open relay',
      only('relay', 'open-relay,tls'),
      1,
      { 'open-relay': 'fail open-relay/rcpt-accepted open-relay/accepts-everything', tls: 'pass' },
    ],
    [
      'Postfix without STARTTLS',
      only('cleartext', 'open-relay,tls'),
      1,
      { 'open-relay': 'pass', tls: 'fail tls/no-starttls' },
    ],
    ['a certificate of its own making', only('selfsigned', 'tls'), 0, { tls: 'warn tls/cert-untrusted' }],
    ['an expired certificate', only('expired', 'tls'), 1, { tls: 'fail tls/cert-expired' }],
    [
      'nothing listens',
      only('closed', 'open-relay,tls'),
      3,
      { 'open-relay': 'inconclusive open-relay/inconclusive', tls: 'inconclusive tls/inconclusive' },
    ],
    ['a greeting that lets wait', only('slow', 'helo,tls'), 0, { helo: 'pass helo/spf-missing', tls: 'pass' }],
  ];
}

export const networkCases: Groups = [
  ['a whole host', wholeHost()],
  ['MX', mx()],
  ['how a zone is signed and served', zones()],
  ['the way to the resolver', resolvers()],
  ['block lists', lists()],
  ['mail servers', mailServers()],
];
