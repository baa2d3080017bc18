/** Hetzner DNS in Terraform: `hcloud_zone_rrset`, a whole record set, and `hcloud_zone_record`, one record. */
import { relativeName } from '../codec.ts';
import { presented, quoted, writerOf } from './hcl.ts';
import { type Kind, oneRecord, rdataOf } from './kind.ts';

const zone = { attribute: 'zone', holds: 'either' } as const;
const name = { attribute: 'name', form: 'relative' } as const;

/** The resources that are read. */
export const kinds: readonly Kind[] = [
  {
    resource: 'hcloud_zone_rrset',
    zone,
    name,
    type: (attributes) => attributes.text('type'),
    isWhole: () => true,
    ttl: 'ttl',
    targets: 'zone-file',
    values: (attributes, type) =>
      attributes.blocks('records').map((record) => rdataOf(record, type, record.text('value') ?? '', {})),
  },
  oneRecord({ resource: 'hcloud_zone_record', zone, name, valueIn: 'value', targets: 'zone-file' }),
];

/** The shortest TTL that Hetzner accepts, in seconds. */
const SHORTEST = 60;

/** Writes the changes of zones at Hetzner. */
export const write = writerOf({
  provider: 'Hetzner (hetznercloud/hcloud)',
  variable: null,
  holdsSets: true,
  idHint: '',
  resources: (set, { zone: apex }) => {
    const owner = relativeName(set.name, apex, '@');
    const records = set.after.map((value) => `    { value = ${quoted(presented(set, value))} },`);
    return [
      {
        resource: 'hcloud_zone_rrset',
        values: set.after,
        importId: `${apex}/${owner}/${set.type}`,
        body: [
          ['zone', quoted(apex)],
          ['name', quoted(owner)],
          ['type', quoted(set.type)],
          ['ttl', String(Math.max(SHORTEST, Math.trunc(set.ttl)))],
          ['records', `[\n${records.join('\n')}\n  ]`],
        ],
      },
    ];
  },
});
