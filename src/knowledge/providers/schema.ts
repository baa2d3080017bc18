/**
 * The schema of the provider data: how to recognise a provider's addresses, what it does to outbound mail, and how its
 * customers set a PTR record. There is one file per provider in `data/`, and one per mail relay in `relays/`.
 */
import { z } from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { placeholderOf } from './placeholders.ts';

const template = z
  .string()
  .refine((text) => [...text.matchAll(/\{([A-Za-z0-9]+)\}/g)].every(([, name]) => placeholderOf(name) !== undefined), {
    message: 'holds a placeholder that the remediation engine does not know',
  })
  .brand<'CommandTemplate'>();

const dnsName = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
const url = z.url({ protocol: /^https$/ });
const port = z.number().int().min(1).max(65535);

const relayOffer = z.object({
  name: z.string(),
  host: template,
  ports: z.array(port).min(1),
  /** The domain name for `include:` in SPF. */
  spfInclude: dnsName,
  url,
});

/** One provider. */
export const providerSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(2),
  /** Whether the row describes a kind of network instead of one company. No address is recognised as a generic row. */
  generic: z.boolean(),
  status: z.enum(['active', 'renamed', 'defunct']),
  /** The id of the provider that took over. */
  successor: z.string().nullable(),
  /** What happened to a provider that is gone or renamed. */
  history: z.string().nullable(),
  detect: z.strictObject({
    asns: z.array(z.number().int().positive()),
    /** The endings of the names in its default PTR records. */
    ptrSuffixes: z.array(dnsName),
    /** The endings of the names of the name servers of its reverse zones. */
    nsSuffixes: z.array(dnsName),
    whoisOrgs: z.array(z.string()),
    /** Whether the provider's own mail or other services are in the same networks as its customers’ hosts. */
    ownServices: z.boolean(),
    ipRangesUrl: url.nullable(),
  }),
  port25: z.strictObject({
    /** The state of outbound TCP port 25. `blocked`: it is opened for no customer. */
    egress: z.enum(['open', 'throttled', 'blocked-by-default', 'blocked-new-accounts', 'blocked', 'unknown']),
    unblock: z.enum(['none-needed', 'automatic', 'form', 'ticket', 'never', 'unknown']),
    url: url.nullable(),
    note: z.string(),
    /** The mail ports that are closed for outbound connections. */
    portsClosed: z.array(port),
  }),
  ptr: z.strictObject({
    control: z.enum(['self-service', 'cli-and-ui', 'ticket', 'none', 'unknown']),
    /** Whether the address record must exist before the PTR record. `null` when unknown. */
    forwardRecordRequired: z.boolean().nullable(),
    /** Where to click in the provider's console. Empty when unknown. */
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
  /** The provider's own relay or the one that it recommends. */
  relay: relayOffer.nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

/** One mail relay. */
export const relaySchema = z.strictObject({
  ...relayOffer.shape,
  id: z.string(),
  /** The place in the order in which relays are offered, lowest first. */
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
/** A command or name of the data with placeholders in braces. */
export type CommandTemplate = z.infer<typeof template>;
export type RelayOffer = z.infer<typeof relayOffer>;
