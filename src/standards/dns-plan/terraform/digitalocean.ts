/** DigitalOcean DNS in Terraform: `digitalocean_record`, one record. */
import { relativeName } from '../codec.ts';
import { type Argument, mxParts, NOT_TEXT, quoted, unquotedText, writerOf } from './hcl.ts';
import { type Kind, oneRecord } from './kind.ts';
import { plainText } from './rdata.ts';

/** The resources that are read. */
export const kinds: readonly Kind[] = [
  oneRecord({
    resource: 'digitalocean_record',
    zone: { attribute: 'domain', holds: 'name' },
    name: { attribute: 'name', form: 'relative' },
    valueIn: 'value',
    targets: 'label',
    text: plainText,
    preference: 'priority',
  }),
];

/** Writes the changes of zones at DigitalOcean. */
export const write = writerOf({
  provider: 'DigitalOcean (digitalocean/digitalocean)',
  variable: null,
  holdsSets: false,
  idHint: 'Put the id of the record in place of RECORD_ID: doctl compute domain records list DOMAIN.',
  resources: (set, { zone }) => {
    const { type } = set;
    if (type === 'TLSA' || type === 'PTR') return `DigitalOcean has no ${type} records.`;
    if (type === 'TXT' && set.after.some((value) => unquotedText(value) === undefined)) return NOT_TEXT;
    return set.after.map((value) => {
      const { preference, exchange } = mxParts(value);
      const held: Argument[] =
        type === 'MX'
          ? [
              ['priority', preference],
              ['value', quoted(exchange)],
            ]
          : [['value', quoted(type === 'TXT' ? (unquotedText(value) ?? '') : value)]];
      return {
        resource: 'digitalocean_record',
        values: [value],
        importId: `${zone},RECORD_ID`,
        body: [
          ['domain', quoted(zone)],
          ['name', quoted(relativeName(set.name, zone, '@'))],
          ['type', quoted(type)],
          ['ttl', String(Math.max(1, Math.trunc(set.ttl)))],
          ...held,
        ],
      };
    });
  },
});
