/** OVHcloud DNS in Terraform: `ovh_domain_zone_record`, one record. */
import { relativeName } from '../codec.ts';
import { presented, quoted, writerOf } from './hcl.ts';
import { type Kind, oneRecord } from './kind.ts';

/** The resources that are read. */
export const kinds: readonly Kind[] = [
  oneRecord({
    resource: 'ovh_domain_zone_record',
    zone: { attribute: 'zone', holds: 'name' },
    name: { attribute: 'subdomain', form: 'relative' },
    typeIn: 'fieldtype',
    valueIn: 'target',
    targets: 'zone-file',
  }),
];

/** The shortest TTL that OVHcloud accepts, in seconds. */
const SHORTEST = 60;

/** Writes the changes of zones at OVHcloud. */
export const write = writerOf({
  provider: 'OVHcloud (ovh/ovh)',
  variable: null,
  holdsSets: false,
  idHint: 'Put the id of the record in place of RECORD_ID: GET /domain/zone/ZONE/record in the API lists them.',
  resources: (set, { zone }) =>
    set.after.map((value) => ({
      resource: 'ovh_domain_zone_record',
      values: [value],
      importId: `RECORD_ID.${zone}`,
      body: [
        ['zone', quoted(zone)],
        ['subdomain', quoted(relativeName(set.name, zone, ''))],
        ['fieldtype', quoted(set.type)],
        ['ttl', String(Math.max(SHORTEST, Math.trunc(set.ttl)))],
        ['target', quoted(presented(set, value))],
      ],
    })),
});
