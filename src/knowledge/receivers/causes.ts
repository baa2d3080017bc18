/** Groups of findings that mean the same to a receiver. */

export interface Cause {
  readonly codes: readonly string[];
  /** Only listings of these zones, or their children, count. */
  readonly zones?: readonly string[];
}

const NO_PTR = [
  'ptr/missing',
  'ptr/forward-missing',
  'ptr/forward-mismatch',
  'ptr/partly-confirmed',
  'ptr/invalid-name',
];

const LISTED = ['rbl/listed', 'rbl/listed-policy'];

export const CAUSES = {
  'no-domain': { codes: ['dns/domain-nonexistent'] },
  'no-return-path': { codes: ['mx/no-address', 'mx/null-mx'] },
  'no-ptr': { codes: NO_PTR },
  'default-ptr': { codes: ['ptr/generic', 'ptr/dynamic'] },
  'dynamic-ptr': { codes: ['ptr/dynamic'] },
  'bad-helo': { codes: ['helo/not-fqdn', 'helo/bare-ip'] },
  'unknown-helo': { codes: ['helo/unresolvable'] },
  'no-spf': {
    codes: [
      'spf/missing',
      'spf/multiple-records',
      'spf/near-miss',
      'spf/syntax-error',
      'spf/ip-not-authorized',
      'spf/too-many-lookups',
      'spf/too-many-void-lookups',
      'spf/too-many-mx',
      'spf/include-broken',
      'spf/loop',
    ],
  },
  'no-dkim': {
    codes: [
      'dkim/none-exist',
      'dkim/selector-missing',
      'dkim/cname-broken',
      'dkim/multiple-records',
      'dkim/syntax-error',
      'dkim/key-mangled',
      'dkim/key-invalid',
      'dkim/revoked',
      'dkim/key-too-short',
      'dkim/key-mismatch',
      'dkim/sha1-only',
      'dkim/key-type-unknown',
      'dkim/service-excludes-email',
    ],
  },
  'no-dmarc': {
    codes: [
      'dmarc/missing',
      'dmarc/multiple-records',
      'dmarc/near-miss',
      'dmarc/wrong-location',
      'dmarc/policy-invalid',
      'dmarc/syntax-error',
    ],
  },
  listed: { codes: LISTED },
  'listed-spamhaus': { codes: [...LISTED, 'rbl/domain-listed'], zones: ['spamhaus.org', 'spamhaus.net'] },
  'domain-listed': { codes: ['rbl/domain-listed'] },
  'range-listed': { codes: ['rbl/block-listed'] },
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseName = keyof typeof CAUSES;
