/** Azure DNS in Terraform: one kind of resource for each record type, each a whole record set. */
import { relativeName } from '../codec.ts';
import { type Attributes, NotKnown } from './attributes.ts';
import { type Body, listOf, mxParts, NOT_TEXT, quoted, undotted, unquotedText, writerOf } from './hcl.ts';
import type { Kind } from './kind.ts';
import { plainText, type Rdata, wordsOf } from './rdata.ts';

function ofType(type: string, values: (attributes: Attributes) => readonly Rdata[]): Kind {
  return {
    resource: `azurerm_dns_${type.toLowerCase()}_record`,
    zone: { attribute: 'zone_name', holds: 'name' },
    name: { attribute: 'name', form: 'relative' },
    type: () => type,
    isWhole: () => true,
    ttl: 'ttl',
    targets: 'whole',
    values: (attributes) => {
      if (attributes.isSet('target_resource_id')) {
        throw new NotKnown('it is an alias, whose values are those of an Azure resource');
      }
      return values(attributes);
    },
  };
}

const words = (attribute: string) => (attributes: Attributes) => attributes.texts(attribute).map(wordsOf);

/** The resources that are read. Those of private zones (`azurerm_private_dns_*`) are not. */
export const kinds: readonly Kind[] = [
  ofType('A', words('records')),
  ofType('AAAA', words('records')),
  ofType('CNAME', (attributes) => [wordsOf(attributes.text('record') ?? '')]),
  ofType('MX', (attributes) =>
    attributes.blocks('record').map((mx) => wordsOf(`${mx.text('preference') ?? ''} ${mx.text('exchange') ?? ''}`)),
  ),
  ofType('NS', words('records')),
  ofType('PTR', words('records')),
  ofType('TXT', (attributes) => attributes.blocks('record').map((txt) => plainText(txt.text('value') ?? ''))),
  ofType('CAA', () => []),
  ofType('SRV', () => []),
];

/** The longest text that the provider accepts. */
const MAX_TEXT = 4096;

/** Writes the changes of zones in Azure DNS. */
export const write = writerOf({
  provider: 'Azure DNS (hashicorp/azurerm)',
  variable: ['resource_group_name', 'The resource group of the DNS zone'],
  holdsSets: true,
  idHint: 'Put the ids of the subscription and of the resource group in place of SUBSCRIPTION and GROUP.',
  resources: (set, { zone, variable }) => {
    const { type, after } = set;
    if (type === 'TLSA') return 'The provider has no TLSA records.';
    const texts = type === 'TXT' ? after.map(unquotedText) : [];
    if (texts.includes(undefined)) return NOT_TEXT;
    if (texts.some((text) => (text?.length ?? 0) > MAX_TEXT)) return `A text has more than ${MAX_TEXT} characters.`;
    const name = relativeName(set.name, zone, '@');
    const held = (): Body => {
      switch (type) {
        case 'CNAME':
          return [['record', quoted(undotted(after[0] ?? ''))]];
        case 'MX':
          return after.map((value) => {
            const { preference, exchange } = mxParts(value);
            return {
              block: 'record',
              args: [
                ['preference', quoted(preference)],
                ['exchange', quoted(undotted(exchange))],
              ],
            };
          });
        case 'TXT':
          return texts.map((text = '') => ({ block: 'record', args: [['value', quoted(text)]] }));
        default:
          return [['records', listOf(after.map((value) => quoted(undotted(value))))]];
      }
    };
    return [
      {
        resource: `azurerm_dns_${type.toLowerCase()}_record`,
        values: after,
        importId: `/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Network/dnsZones/${zone}/${type}/${name}`,
        body: [
          ['zone_name', quoted(zone)],
          ['resource_group_name', variable],
          ['name', quoted(name)],
          ['ttl', String(Math.trunc(set.ttl))],
          ...held(),
        ],
      },
    ];
  },
});
