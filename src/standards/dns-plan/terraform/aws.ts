/** Route 53 in Terraform: `aws_route53_record`, a whole record set, or one of several that share name and type (`set_identifier`). */
import type { SetChange } from '../codec.ts';
import { NotKnown } from './attributes.ts';
import { listOf, quoted, stringsOf, undotted, writerOf } from './hcl.ts';
import type { Kind } from './kind.ts';
import { quotedText, wordsOf } from './rdata.ts';

/** The resources that are read. */
export const kinds: readonly Kind[] = [
  {
    resource: 'aws_route53_record',
    zone: { attribute: 'zone_id', holds: 'id' },
    name: { attribute: 'name', form: 'either' },
    type: (attributes) => attributes.text('type'),
    isWhole: () => true,
    // Of the sets with an identifier, Route 53 answers with one or some.
    isAlternative: (attributes) => attributes.isSet('set_identifier'),
    ttl: 'ttl',
    targets: 'whole',
    values: (attributes, type) => {
      if (attributes.isSet('alias')) throw new NotKnown('it is an alias, whose addresses are those of an AWS resource');
      const values = attributes.texts('records');
      // The provider puts quotes around each text, so a longer one has `""` between its strings.
      return values.map((value) => (type === 'TXT' || type === 'SPF' ? quotedText(`"${value}"`, 8) : wordsOf(value)));
    },
  },
];

/** @returns a TXT value as the provider takes it: without the outer quotes, with octal escapes, its strings joined by `""`. */
function joinedStrings(text: string): string {
  return stringsOf(text)
    .map((string) =>
      string.replace(/["\\]|[^\x20-\x7e]/g, (octet) =>
        /["\\]/.test(octet) ? `\\${octet}` : `\\${octet.charCodeAt(0).toString(8).padStart(3, '0')}`,
      ),
    )
    .join('""');
}

/** Writes the changes of zones in Route 53. */
export const write = writerOf({
  provider: 'Amazon Route 53 (hashicorp/aws)',
  variable: ['zone_id', 'The id of the hosted zone of'],
  holdsSets: true,
  idHint: 'Put the id of the hosted zone in place of ZONE_ID.',
  resources: (set: SetChange, { variable }) => [
    {
      resource: 'aws_route53_record',
      values: set.after,
      importId: `ZONE_ID_${set.name}_${set.type}`,
      body: [
        ['zone_id', variable],
        ['name', quoted(set.name)],
        ['type', quoted(set.type)],
        ['ttl', String(Math.trunc(set.ttl))],
        [
          'records',
          listOf(set.after.map((value) => quoted(set.type === 'TXT' ? joinedStrings(value) : undottedLast(value)))),
        ],
      ],
    },
  ],
});

/** @returns the value with its name written as the documentation does, without the final dot. */
function undottedLast(value: string): string {
  return value.endsWith(' .') ? value : undotted(value);
}
