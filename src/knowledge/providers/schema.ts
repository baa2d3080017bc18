/**
 * What is known of a provider: how its addresses are recognised, what it does to outbound mail, and who sets a PTR how.
 * One file each in `data/`, and one for each mail relay in `relays/`.
 */
import { z } from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { PLACEHOLDERS } from './placeholders.ts';

const template = z
  .string()
  .refine((text) => [...text.matchAll(/\{([A-Za-z0-9]+)\}/g)].every(([, name]) => isPlaceholder(name)), {
    message: 'holds a placeholder that the remediation engine does not know',
  });

function isPlaceholder(name: string | undefined): boolean {
  return PLACEHOLDERS.some((known) => known === name);
}

const dnsName = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
const url = z.url({ protocol: /^https$/ });
const port = z.number().int().min(1).max(65535);

const relayOffer = z.object({
  name: z.string(),
  host: template,
  ports: z.array(port).min(1),
  /** The name to include in SPF. */
  spfInclude: dnsName,
  url,
});

export const providerSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(2),
  /** Whether the row stands for a kind of place rather than for one company; no address is recognised as such a place. */
  generic: z.boolean(),
  status: z.enum(['active', 'renamed', 'defunct']),
  /** Id of the provider that took over. */
  successor: z.string().nullable(),
  /** For one that is gone or renamed: what became of it. */
  history: z.string().nullable(),
  detect: z.strictObject({
    asns: z.array(z.number().int().positive()),
    /** Endings of its default reverse names. */
    ptrSuffixes: z.array(dnsName),
    /** Endings of the names of the servers that hold its reverse zones. */
    nsSuffixes: z.array(dnsName),
    whoisOrgs: z.array(z.string()),
    /** Whether its own mail or other services are announced by the same networks as its customers’ hosts. */
    ownServices: z.boolean(),
    ipRangesUrl: url.nullable(),
  }),
  port25: z.strictObject({
    /** Outbound TCP 25. `blocked`: nobody gets it opened for sending mail to the world. */
    egress: z.enum(['open', 'throttled', 'blocked-by-default', 'blocked-new-accounts', 'blocked', 'unknown']),
    unblock: z.enum(['none-needed', 'automatic', 'form', 'ticket', 'never', 'unknown']),
    url: url.nullable(),
    note: z.string(),
    /** Mail ports closed outbound. */
    portsClosed: z.array(port),
  }),
  ptr: z.strictObject({
    control: z.enum(['self-service', 'cli-and-ui', 'ticket', 'none', 'unknown']),
    /** Whether the address record must exist first; `null` when not known. */
    forwardRecordRequired: z.boolean().nullable(),
    /** Where to click. */
    ui: z.string(),
    commands: z.array(
      z.strictObject({ tool: z.string(), text: template, family: z.union([z.literal(4), z.literal(6)]).nullable() }),
    ),
    url: url.nullable(),
    note: z.string(),
  }),
  ipv6: z.strictObject({ ptr: z.enum(['self-service', 'ticket', 'none', 'no-ipv6', 'unknown']), note: z.string() }),
  blockReputation: z.strictObject({
    /** Whether its ranges are on the Spamhaus PBL. */
    pblListed: z.enum(['commonly', 'no', 'unknown']),
    note: z.string(),
    url: url.nullable(),
  }),
  /** Its own relay, or the one it recommends. */
  relay: relayOffer.nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

export const relaySchema = z.strictObject({
  ...relayOffer.shape,
  id: z.string(),
  /** Relays are offered in this order, the lowest first. */
  place: z.number().int().positive(),
  dkim: z.strictObject({ style: z.enum(['cname', 'txt']), recordNames: z.array(z.string()).min(1) }),
  auth: z.literal('smtp-user-password'),
  note: z.string(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

export type Provider = z.infer<typeof providerSchema>;
export type Relay = z.infer<typeof relaySchema>;
export type RelayOffer = z.infer<typeof relayOffer>;
