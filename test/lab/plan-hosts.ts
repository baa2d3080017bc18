/** Domains with faults in their DNS records, each as the lines of its zones. */
import { generateKeyPairSync } from 'node:crypto';

interface PlanHost {
  /** What is wrong. */
  readonly when: string;
  readonly records: readonly string[];
  readonly args?: readonly string[];
  /** The findings that no record of today mends, in the order of the report. */
  readonly left?: readonly string[];
}

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'der' })
  .toString('base64');

/** @returns the line with the key in the place of `KEY`, `HALF1` and `HALF2`. */
export function keysOf(line: string): string {
  return line
    .replace('KEY', `${KEY.slice(0, 200)}" "${KEY.slice(200)}`)
    .replace('HALF1', KEY.slice(0, 200))
    .replace('HALF2', KEY.slice(200));
}

const RIGHT = {
  host: 'mail.example.com. IN A 192.0.2.10',
  ptr: '10.2.0.192.in-addr.arpa. IN PTR mail.example.com.',
  mx: 'example.com. IN MX 10 mail.example.com.',
  spf: 'example.com. IN TXT "v=spf1 ip4:192.0.2.10 include:spf.example.net -all"',
  service: 'spf.example.net. IN TXT "v=spf1 ip4:198.51.100.0/28 -all"',
  dkim: 'mail._domainkey.example.com. IN TXT "v=DKIM1; k=rsa; p=KEY"',
  dmarc: '_dmarc.example.com. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"',
} as const;

/** @returns the records of a right host, with these in their places. */
function but(changes: Partial<Record<keyof typeof RIGHT, string | readonly string[]>>): string[] {
  return Object.entries({ ...RIGHT, ...changes }).flatMap(([, lines]) => lines);
}

export const planHosts: readonly PlanHost[] = [
  {
    when: 'nothing but the key is published',
    records: but({ host: [], ptr: [], mx: [], spf: [], dmarc: [] }),
    // Reports come first, and the policy is tightened later.
    left: ['dmarc/policy-none'],
  },
  {
    when: 'SPF lacks the host, has a dead name, a token and a neutral end',
    records: but({ spf: 'example.com. IN TXT "v=spf1 a:gone.example.com include:spf.example.net MS=ms00000000 ?all"' }),
  },
  {
    when: 'SPF lacks the host, beside texts that would act in a shell, a template or another format',
    records: but({
      spf: [
        'example.com. IN TXT "v=spf1 include:spf.example.net -all"',
        'example.com. IN TXT "$(touch made) `touch made` $\\123name} %{name} \\"; \\\\ \\059 */ // #"',
        'example.com. IN TXT "\\000\\010send\\010\\255 ::error:: ##[error]"',
        'example.com. IN TXT ""',
      ],
    }),
  },
  {
    when: 'two SPF records, and a verification token beside them',
    records: but({
      spf: [
        'example.com. IN TXT "v=spf1 ip4:192.0.2.10 ~all"',
        'example.com. IN TXT "v=spf1 include:spf.example.net ?all"',
        'example.com. IN TXT "site-verification=0123456789"',
      ],
    }),
  },
  {
    when: 'SPF with a typographic dash, a misspelt include and a comma',
    records: but({ spf: 'example.com. IN TXT "v=spf1 ip4:192.0.2.10, inlcude:spf.example.net \\226\\128\\147all"' }),
  },
  {
    when: 'DMARC with a misspelt version and policy',
    records: but({ dmarc: '_dmarc.example.com. IN TXT "v=DMARCl; p=rejcet; rua=dmarc@example.com"' }),
  },
  {
    when: 'the DMARC record stands at the doubled name',
    records: but({
      dmarc: '_dmarc.example.com.example.com. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"',
    }),
  },
  {
    when: '_dmarc is an alias of the domain',
    records: but({ dmarc: '_dmarc.example.com. IN CNAME example.com.' }),
    left: ['dmarc/policy-none'],
  },
  {
    when: 'the key was entered as two TXT records',
    records: but({
      dkim: [
        'mail._domainkey.example.com. IN TXT "v=DKIM1; k=rsa; p=HALF1"',
        'mail._domainkey.example.com. IN TXT "HALF2"',
      ],
    }),
  },
  {
    when: 'the MX names a doubled name, and the PTR record another host',
    records: but({
      mx: 'example.com. IN MX 10 mail.example.com.example.com.',
      ptr: '10.2.0.192.in-addr.arpa. IN PTR host10.example.net.',
    }),
  },
  {
    when: 'the host name has no address, and its own SPF record rejects it',
    records: but({ host: 'mail.example.com. IN TXT "v=spf1 ip4:192.0.2.99 -all"' }),
  },
];
