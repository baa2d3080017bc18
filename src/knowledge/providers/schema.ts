/**
 * The schema of the provider data: how to recognise a provider's addresses, what it does to outbound mail, and how its
 * customers set a PTR record. There is one file per provider in `data/`, and one per mail relay in `relays/`.
 */
import * as z from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { PLACEHOLDERS, placeholderOf } from './placeholders.ts';

const template = z
  .string()
  .refine((text) => [...text.matchAll(/\{([A-Za-z0-9]+)\}/g)].every(([, name]) => placeholderOf(name) !== undefined), {
    message: 'holds a placeholder that the remediation engine does not know',
  })
  .brand<'CommandTemplate'>();

const dnsName = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
const url = z.url({ protocol: /^https$/ });
const port = z.number().int().min(1).max(65535);

/** Where a relay takes mail in, for one region or for all. */
const relayEndpoint = z.strictObject({
  /** The region in the relay's own words. `null` for a relay with one endpoint. */
  region: z.string().nullable(),
  host: template,
  /** The domain name for `include:` in SPF. `null` when only the relay's console shows it. */
  spfInclude: dnsName.nullable(),
});

const command = z.strictObject({
  tool: z.string(),
  text: template,
  /** The address family that the command is right for. `null`: it was seen to be right for both. */
  family: z.union([z.literal(4), z.literal(6)]).nullable(),
  /**
   * The case that the command is for, in words that stand before a colon: `On a VPS`. Commands for the same case are
   * typed one after the other. `null` when there is no other case.
   */
  for: z.string().nullable(),
  /** Where the user finds each value that no report has, in words that stand in brackets: `hcloud server list shows it`. */
  values: z.partialRecord(z.enum(PLACEHOLDERS), z.string().min(2)),
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
    /**
     * How a customer tells that a server is at this provider, as a clause: `its servers are listed in …`. Needed where
     * another provider has the same networks.
     */
    tellApart: z.string().nullable(),
    ipRangesUrl: url.nullable(),
  }),
  port25: z.strictObject({
    /**
     * The state of outbound TCP port 25. `blocked`: it is opened for no customer. `not-needed`: the
     * customer sends through the provider's own servers.
     */
    egress: z.enum([
      'open',
      'not-needed',
      'throttled',
      'blocked-by-default',
      'blocked-new-accounts',
      'blocked',
      'unknown',
    ]),
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
    commands: z.array(command),
    url: url.nullable(),
    note: z.string(),
  }),
  ipv6: z.strictObject({
    ptr: z.enum(['self-service', 'ticket', 'none', 'no-ipv6', 'unknown']),
    /** Where to set the PTR record of an IPv6 address, where that is another place than for IPv4. */
    ui: z.string().nullable(),
    note: z.string(),
  }),
  blockReputation: z.strictObject({
    /** Whether its ranges are on the Spamhaus PBL. */
    pblListed: z.enum(['commonly', 'no', 'unknown']),
    note: z.string(),
    url: url.nullable(),
  }),
  /** The id of the provider's own relay or of the one that it recommends. */
  relay: z.string().nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

/** One mail relay. */
export const relaySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** The place in the order in which relays are offered, lowest first. */
  place: z.number().int().positive(),
  /** `customers`: only a provider that names the relay offers it. */
  offeredTo: z.enum(['everyone', 'customers']),
  /** The endpoint of the first row is the usual one. */
  endpoints: z
    .array(relayEndpoint)
    .min(1)
    .refine(([first]) => first?.spfInclude !== null, { message: 'the usual endpoint needs an SPF include' })
    .refine((all) => all.length === 1 || all.every(({ region }) => region !== null), {
      message: 'each of several endpoints needs a region',
    }),
  ports: z.array(port).min(1),
  /** The DKIM records that it asks for. `null` when they are not known. */
  dkim: z.strictObject({ style: z.enum(['cname', 'txt']), recordNames: z.array(z.string()).min(1) }).nullable(),
  auth: z.literal('smtp-user-password'),
  note: z.string(),
  url,
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

export type Provider = z.infer<typeof providerSchema>;
export type Relay = z.infer<typeof relaySchema>;
/** A command or name of the data with placeholders in braces. */
export type CommandTemplate = z.infer<typeof template>;
