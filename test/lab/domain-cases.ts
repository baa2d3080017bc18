/** Cases of what a domain and its addresses publish: SPF, DKIM, DMARC, reverse names, HELO. They run in `cases.test.ts`. */
import { HOST, HOST6 } from './tree-zones.ts';

/** Name, what is typed, exit code, and what each rule that ran says: its status and all its codes, in order. */
export type Case = readonly [name: string, args: string, code: number, rules: Readonly<Record<string, string>>];
export type Groups = readonly (readonly [group: string, cases: readonly Case[]])[];

function spf(): readonly Case[] {
  // A name of one IPv4 address, so that nothing is said of another.
  const only = '--only spf --helo mail.relay.example.net';
  return [
    ['no record', `nospf.example.net ${HOST} ${only}`, 1, { spf: 'fail spf/missing' }],
    [
      'softfail',
      `softfail.example.net ${HOST} ${only}`,
      1,
      { spf: 'fail spf/all-softfail spf/ip-not-authorized spf/ipv6-not-authorized' },
    ],
    ['two records', `twice.example.net ${HOST} ${only}`, 1, { spf: 'fail spf/multiple-records' }],
    ['eleven includes', `many.example.net ${HOST} ${only}`, 1, { spf: 'fail spf/too-many-lookups' }],
    ['a macro over the address', `macro.example.net ${HOST} ${only}`, 0, { spf: 'pass spf/dynamic-macro' }],
    ['a macro over the nibbles', `macro.example.net ${HOST6} ${only}`, 0, { spf: 'pass spf/dynamic-macro' }],
    [
      'three terms that lead to nothing',
      `void.example.net ${HOST} ${only}`,
      1,
      { spf: 'fail spf/too-many-void-lookups' },
    ],
    ['a redirect to another zone, IPv6', `redirected.example.net ${HOST6} ${only}`, 0, { spf: 'pass' }],
    [
      'an include of nothing',
      `dangling.example.net ${HOST} ${only}`,
      1,
      { spf: 'fail spf/void-lookup spf/include-broken' },
    ],
    [
      'an include of a lame zone',
      `lameinclude.example.net ${HOST} ${only}`,
      3,
      { spf: 'inconclusive spf/inconclusive' },
    ],
    [
      'an answer that UDP cannot hold',
      `large.example.net ${HOST} ${HOST6} ${only}`,
      0,
      { spf: 'warn spf/record-too-long' },
    ],
  ];
}

function dkim(): readonly Case[] {
  const keys = '--only dkim --selector';
  return [
    ['a strong key', `keys.example.net ${HOST} ${keys} s1`, 0, { dkim: 'pass' }],
    ['none at the selector', `keys.example.net ${HOST} ${keys} s2`, 1, { dkim: 'fail dkim/selector-missing' }],
    ['revoked', `keys.example.net ${HOST} ${keys} revoked`, 1, { dkim: 'fail dkim/revoked' }],
    ['1024 bits', `keys.example.net ${HOST} ${keys} weak`, 0, { dkim: 'warn dkim/key-weak' }],
    ['a CNAME to another zone', `keys.example.net ${HOST} ${keys} hosted`, 0, { dkim: 'pass' }],
    ['a CNAME to nothing', `keys.example.net ${HOST} ${keys} dangling`, 1, { dkim: 'fail dkim/cname-broken' }],
    ['a CNAME to a lame zone', `keys.example.net ${HOST} ${keys} lame`, 3, { dkim: 'inconclusive dkim/inconclusive' }],
    ['a wildcard', `wild.example.net ${HOST} ${keys} any`, 0, { dkim: 'warn dkim/wildcard' }],
  ];
}

function dmarc(): readonly Case[] {
  const only = '--only dmarc';
  return [
    ['no record', `nodmarc.example.org ${HOST} ${only}`, 0, { dmarc: 'warn dmarc/missing' }],
    ['none', `monitored.example.net ${HOST} ${only}`, 0, { dmarc: 'warn dmarc/policy-none' }],
    [
      'reports to somebody who did not agree',
      `outside.example.net ${HOST} ${only}`,
      0,
      { dmarc: 'warn dmarc/policy-none dmarc/rua-unauthorized' },
    ],
    ['reports to somebody who did', `agreed.example.net ${HOST} ${only}`, 0, { dmarc: 'warn dmarc/policy-none' }],
    [
      'reports to a domain that does not answer',
      `brokenreports.example.net ${HOST} ${only}`,
      3,
      { dmarc: 'inconclusive dmarc/policy-none dmarc/inconclusive dmarc/inconclusive' },
    ],
    ['inherited', `sub.example.com ${HOST} ${only} --selector s1`, 0, { dmarc: 'pass dmarc/inherited' }],
  ];
}

function reverseNames(): readonly Case[] {
  const only = '--only ptr --helo mail.example.com';
  const open = { ptr: 'inconclusive ptr/inconclusive' };
  return [
    ['by a classless delegation (RFC 2317)', `example.com ${HOST} ${only}`, 0, { ptr: 'pass' }],
    ['by ip6.arpa', `example.com ${HOST6} ${only}`, 0, { ptr: 'pass' }],
    ['none', `example.com 203.0.113.200 ${only}`, 1, { ptr: 'fail ptr/missing' }],
    ['none in the classless zone', `example.com 203.0.113.6 ${only}`, 1, { ptr: 'fail ptr/missing' }],
    ['none in ip6.arpa', `example.com 2001:db8:113::6 ${only}`, 1, { ptr: 'fail ptr/missing' }],
    ['another host’s', `example.com 203.0.113.201 ${only}`, 1, { ptr: 'fail ptr/forward-mismatch' }],
    ['another host’s, IPv6', `example.com 2001:db8:113::7 ${only}`, 1, { ptr: 'fail ptr/forward-mismatch' }],
    ['without an address', `example.com 203.0.113.202 ${only}`, 1, { ptr: 'fail ptr/forward-missing' }],
    [
      'two that lead back',
      `example.com 203.0.113.203 ${only}`,
      0,
      { ptr: 'warn ptr/multiple ptr/foreign-domain ptr/foreign-domain' },
    ],
    [
      'two, one of which does not',
      `example.com 203.0.113.204 ${only}`,
      1,
      { ptr: 'fail ptr/partly-confirmed ptr/multiple ptr/foreign-domain' },
    ],
    ['made of the address', `example.com 203.0.113.206 ${only}`, 0, { ptr: 'warn ptr/generic' }],
    ['of a dial-up line', `example.com 203.0.113.207 ${only}`, 1, { ptr: 'fail ptr/dynamic' }],
    ['a lame classless delegation', `example.com 203.0.113.64 ${only}`, 3, open],
    ['a dead classless delegation', `example.com 203.0.113.128 ${only}`, 3, open],
    ['a lame delegation in ip6.arpa', `example.com 2001:db8:bad::1 ${only}`, 3, open],
    ['whose own zone is lame', `example.com 203.0.113.205 ${only}`, 3, open],
    ['whose own zone fails DNSSEC', `example.com 203.0.113.208 ${only}`, 3, open],
    [
      'two, one of which cannot be looked up',
      `example.com 203.0.113.209 ${only}`,
      3,
      { ptr: 'inconclusive ptr/inconclusive ptr/multiple ptr/foreign-domain' },
    ],
  ];
}

function helo(): readonly Case[] {
  const only = `203.0.113.8 --only helo --helo`;
  return [
    ['the name of the host', `example.com ${only} bound.example.net`, 0, { helo: 'pass helo/spf-missing' }],
    [
      'the name of another host',
      `example.com ${only} elsewhere.example.net`,
      0,
      { helo: 'warn helo/ip-mismatch helo/ptr-mismatch helo/spf-missing' },
    ],
    [
      'a name without an address',
      `example.com ${only} gone.example.net`,
      1,
      { helo: 'fail helo/unresolvable helo/ptr-mismatch helo/spf-missing' },
    ],
    [
      'a name in a lame zone',
      `example.com ${only} mail.lame.example.org`,
      3,
      { helo: 'inconclusive helo/inconclusive helo/ptr-mismatch helo/inconclusive' },
    ],
  ];
}

export const domainCases: Groups = [
  ['SPF', spf()],
  ['DKIM', dkim()],
  ['DMARC', dmarc()],
  ['reverse names', reverseNames()],
  ['HELO', helo()],
];
