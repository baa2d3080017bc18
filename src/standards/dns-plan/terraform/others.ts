/** The resources of DNS hosts that are read in a plan and not written. */
import type { Attributes } from './attributes.ts';
import { type Kind, oneRecord, recordSet } from './kind.ts';
import { plainText, type Rdata, wordsOf } from './rdata.ts';

const relative = { attribute: 'name', form: 'relative' } as const;

/** The record sets of the provider for dynamic updates (RFC 2136). */
function updated(type: string, suffix: string, values: (attributes: Attributes) => readonly Rdata[]): Kind {
  return {
    resource: `dns_${type.toLowerCase()}_${suffix}`,
    zone: { attribute: 'zone', holds: 'name' },
    name: relative,
    type: () => type,
    isWhole: () => true,
    ttl: 'ttl',
    targets: 'whole',
    values,
  };
}

/** The resources that are read. */
export const kinds: readonly Kind[] = [
  recordSet({
    resource: 'gandi_livedns_record',
    zone: { attribute: 'zone', holds: 'name' },
    name: relative,
    valuesIn: 'values',
    targets: 'zone-file',
  }),
  recordSet({
    resource: 'desec_rrset',
    zone: { attribute: 'domain', holds: 'name' },
    name: { attribute: 'subname', form: 'relative' },
    // Two providers have a resource of this name, with an attribute of their own each.
    valuesIn: ['records', 'rdata'],
  }),
  recordSet({
    resource: 'powerdns_record',
    zone: { attribute: 'zone', holds: 'name' },
    name: { attribute: 'name', form: 'whole' },
    valuesIn: 'records',
  }),
  {
    resource: 'ns1_record',
    zone: { attribute: 'zone', holds: 'name' },
    name: { attribute: 'domain', form: 'whole' },
    type: (attributes) => attributes.text('type'),
    isWhole: () => true,
    ttl: 'ttl',
    targets: 'whole',
    values: (attributes, type) =>
      attributes.blocks('answers').map((answer) => (type === 'TXT' ? plainText : wordsOf)(answer.text('answer') ?? '')),
  },
  oneRecord({
    resource: 'dnsimple_zone_record',
    zone: { attribute: 'zone_name', holds: 'name' },
    name: relative,
    valueIn: 'value',
    preference: 'priority',
  }),
  oneRecord({
    resource: 'linode_domain_record',
    zone: { attribute: 'domain_id', holds: 'id' },
    name: { attribute: 'name', form: 'either' },
    typeIn: 'record_type',
    valueIn: 'target',
    ttlIn: 'ttl_sec',
    preference: 'priority',
  }),
  oneRecord({
    resource: 'vultr_dns_record',
    zone: { attribute: 'domain', holds: 'name' },
    name: relative,
    valueIn: 'data',
    preference: 'priority',
  }),
  oneRecord({
    resource: 'scaleway_domain_record',
    zone: { attribute: 'dns_zone', holds: 'name' },
    name: relative,
    valueIn: 'data',
    targets: 'label',
    preference: 'priority',
  }),
  oneRecord({
    resource: 'porkbun_dns_record',
    zone: { attribute: 'domain', holds: 'name' },
    name: relative,
    valueIn: 'content',
    preference: 'prio',
  }),
  oneRecord({
    resource: 'netlify_dns_record',
    zone: { attribute: 'zone_id', holds: 'id' },
    name: { attribute: 'hostname', form: 'either' },
    valueIn: 'value',
    preference: 'priority',
  }),
  oneRecord({
    resource: 'vercel_dns_record',
    zone: { attribute: 'domain', holds: 'name' },
    name: relative,
    valueIn: 'value',
    preference: 'mx_priority',
  }),
  ...(['A', 'AAAA'] as const).map((type) =>
    updated(type, 'record_set', (attributes) => attributes.texts('addresses').map(wordsOf)),
  ),
  updated('MX', 'record_set', (attributes) =>
    attributes.blocks('mx').map((mx) => wordsOf(`${mx.text('preference') ?? ''} ${mx.text('exchange') ?? ''}`)),
  ),
  updated('TXT', 'record_set', (attributes) => attributes.texts('txt').map(plainText)),
  updated('CNAME', 'record', (attributes) => [wordsOf(attributes.text('cname') ?? '')]),
  updated('PTR', 'record', (attributes) => [wordsOf(attributes.text('ptr') ?? '')]),
];
