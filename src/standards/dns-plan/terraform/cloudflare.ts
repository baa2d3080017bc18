/** Cloudflare in Terraform: `cloudflare_dns_record`, and `cloudflare_record` before version 5. Each is one record. */
import type { Attributes } from './attributes.ts';
import { type Argument, mxParts, presented, quoted, undotted, writerOf } from './hcl.ts';
import { type Kind, rdataOf } from './kind.ts';
import { type Rdata, wordsOf } from './rdata.ts';

/** The types of which Cloudflare can answer with addresses of its own. */
const PROXIABLE: readonly string[] = ['A', 'AAAA', 'CNAME'];

function values(attributes: Attributes, type: string): readonly Rdata[] {
  if (type === 'TLSA' && attributes.isSet('data')) {
    return attributes
      .blocks('data')
      .map((data) =>
        wordsOf(['usage', 'selector', 'matching_type', 'certificate'].map((part) => data.text(part) ?? '').join(' ')),
      );
  }
  const value = attributes.isSet('content') ? attributes.text('content') : attributes.text('value');
  return [rdataOf(attributes, type, value ?? '', { preference: 'priority' })];
}

const kindNamed = (resource: string): Kind => ({
  resource,
  zone: { attribute: 'zone_id', holds: 'id' },
  name: { attribute: 'name', form: 'either' },
  type: (attributes) => attributes.text('type'),
  isWhole: () => false,
  ttl: 'ttl',
  targets: 'whole',
  values,
  proxy: (attributes) =>
    PROXIABLE.includes(attributes.text('type') ?? '') && attributes.isTrue('proxied') ? 'cloudflare' : undefined,
});

/** The resources that are read. */
export const kinds: readonly Kind[] = ['cloudflare_dns_record', 'cloudflare_record'].map(kindNamed);

/** The TTLs that Cloudflare accepts, in seconds. */
const [SHORTEST, LONGEST] = [60, 86_400];

/** Writes the changes of zones at Cloudflare. */
export const write = writerOf({
  provider: 'Cloudflare (cloudflare/cloudflare, version 5)',
  variable: ['zone_id', 'The id of the zone'],
  holdsSets: false,
  idHint: 'Put the id of the zone in place of ZONE_ID, and the id of the record (from the API) in place of RECORD_ID.',
  resources: (set, { variable }) =>
    set.after.map((value) => {
      const content = (text: string): Argument => ['content', quoted(text)];
      const args = (): Argument[] => {
        switch (set.type) {
          case 'MX': {
            const { preference, exchange } = mxParts(value);
            return [content(undotted(exchange)), ['priority', preference]];
          }
          case 'TLSA': {
            const [usage = '0', selector = '0', matching = '0', certificate = ''] = value.split(' ');
            const data = { usage, selector, matching_type: matching, certificate: quoted(certificate) };
            const lines = Object.entries(data).map(([name, expression]) => `    ${name.padEnd(13)} = ${expression}`);
            return [['data', `{\n${lines.join('\n')}\n  }`]];
          }
          case 'TXT':
            return [content(presented(set, value))];
          case 'A':
          case 'AAAA':
          case 'CNAME':
            // Mail does not pass through the proxy.
            return [content(undotted(value)), ['proxied', 'false']];
          case 'PTR':
            return [content(undotted(value))];
        }
      };
      return {
        resource: 'cloudflare_dns_record',
        values: [value],
        importId: 'ZONE_ID/RECORD_ID',
        body: [
          ['zone_id', variable],
          ['name', quoted(set.name)],
          ['type', quoted(set.type)],
          ['ttl', String(Math.min(LONGEST, Math.max(SHORTEST, Math.trunc(set.ttl))))],
          ...args(),
        ],
      };
    }),
});
