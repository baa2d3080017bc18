/** Google Cloud DNS in Terraform: `google_dns_record_set`, a whole record set. */
import { NotKnown } from './attributes.ts';
import { listOf, presented, quoted, writerOf } from './hcl.ts';
import type { Kind } from './kind.ts';
import { quotedText, wordsOf } from './rdata.ts';

/** The resources that are read. The beta provider has the same. */
export const kinds: readonly Kind[] = [
  {
    resource: 'google_dns_record_set',
    zone: { attribute: 'managed_zone', holds: 'id' },
    name: { attribute: 'name', form: 'whole' },
    type: (attributes) => attributes.text('type'),
    isWhole: () => true,
    ttl: 'ttl',
    targets: 'whole',
    values: (attributes, type) => {
      if (attributes.isSet('routing_policy')) throw new NotKnown('a routing policy chooses its records');
      // A text without quotes is divided at its blanks.
      const read = type === 'TXT' || type === 'SPF' ? (value: string) => quotedText(value, 10) : wordsOf;
      return attributes.texts('rrdatas').map(read);
    },
  },
];

/** Writes the changes of zones in Google Cloud DNS. */
export const write = writerOf({
  provider: 'Google Cloud DNS (hashicorp/google)',
  variable: ['managed_zone', 'The name that Google Cloud has for the managed zone of'],
  holdsSets: true,
  idHint: 'Put the name of the managed zone in place of MANAGED_ZONE.',
  resources: (set, { variable }) => [
    {
      resource: 'google_dns_record_set',
      values: set.after,
      importId: `MANAGED_ZONE/${set.name}./${set.type}`,
      body: [
        ['managed_zone', variable],
        ['name', quoted(`${set.name}.`)],
        ['type', quoted(set.type)],
        ['ttl', String(Math.trunc(set.ttl))],
        ['rrdatas', listOf(set.after.map((value) => quoted(presented(set, value))))],
      ],
    },
  ],
});
