/** The schema of the block list data. The tests check the rows against it, so that a run does not have to. */
import * as z from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';

/** Four octet patterns: a number, `*` (any), `a-b` (inclusive) or `&n` (all bits of n set). */
const matchPattern = z.string().regex(/^((\d{1,3}|\*|\d{1,3}-\d{1,3}|&\d{1,3})(\.(?!$)|$)){4}$/);

const removalSchema = z.strictObject({
  url: z.url().nullable(),
  how: z.string(),
  /**
   * Whether the user can request removal. `false` when only the owner of the network can, and `null` when the owner of
   * each network decides: the page of the list then says which it is.
   */
  self: z.boolean().nullable(),
  paid: z.boolean().nullable(),
  autoExpiry: z.string().nullable(),
});

const codeSchema = z.strictObject({
  match: matchPattern,
  name: z.string().min(1),
  meaning: z.string().min(1),
  /**
   * The class of the listing. `abused` and `new` occur in lists of names: a legitimate domain that others misuse, and a
   * domain that is only days old.
   */
  class: z.enum(['reputation', 'exploit', 'policy', 'block', 'abused', 'new', 'informational', 'allow', 'refusal']),
  /** What one listing covers: an address, a network or a domain. */
  scope: z.enum(['ip', 'block', 'domain']),
  /** How to request removal, if that differs from the list's usual way. */
  delist: removalSchema.optional(),
});

const canarySchema = z.strictObject({
  /** The test entry that must be listed (RFC 5782 §5). `null` when the list has none. */
  listed: z.ipv4().nullable(),
  /** The test entry that must not be listed. `null` when the list has none. */
  notListed: z.ipv4().nullable(),
  v6Listed: z.string().optional(),
  domainListed: z.string().optional(),
  domainNotListed: z.string().optional(),
  /**
   * Whether the entries were seen to work. A list whose confirmed entries fail is broken. If unconfirmed entries fail,
   * its "not listed" is only not verified.
   */
  confirmed: z.boolean(),
});

/** One block list. */
export const listSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    zone: z.string().regex(/^[a-z0-9.-]+\.[a-z]+$/),
    name: z.string().min(1),
    operator: z.string(),
    kind: z.enum(['ip', 'domain', 'allow']),
    families: z.array(z.union([z.literal(4), z.literal(6)])),
    impact: z.enum(['critical', 'high', 'medium', 'low']),
    /**
     * Whether the check needs the answer of this list: without it, the check is inconclusive. `false` for a list that few
     * receivers rely on, and for an allow list: no receiver rejects mail because it is missing there.
     */
    gates: z.boolean(),
    /** Whether the list is asked by default. `with-key`: only if the user has its key. */
    default: z.union([z.boolean(), z.literal('with-key')]),
    /** The place among the lists in a report. The most important list has the lowest. */
    place: z.number().int().positive(),
    codes: z.array(codeSchema).min(1),
    /** Whether the operator says that an answer outside `codes` is an error and not a listing. */
    onlyKnownCodes: z.boolean().optional(),
    /** The prefix length of the network that one IPv6 listing covers. */
    v6Prefix: z.number().int().min(32).max(128).optional(),
    refusal: z.array(matchPattern),
    canary: canarySchema.nullable(),
    access: z.strictObject({
      freeTier: z.string().min(1),
      publicResolversRefused: z.boolean().nullable(),
      registration: z.enum(['none', 'required', 'ip-registration']),
      /** How many queries the operator allows without an agreement. Absent where it gives no figure. */
      limit: z
        .strictObject({
          perSecond: z.number().positive().exactOptional(),
          perDay: z.int().positive().exactOptional(),
          /** The domain of the operator, where the figure is for all its zones together. */
          together: z.string().min(1).exactOptional(),
        })
        .refine(({ perSecond, perDay }) => perSecond !== undefined || perDay !== undefined, 'no figure')
        .exactOptional(),
      key: z
        .strictObject({ env: z.string().regex(/^[A-Z0-9_]+$/), zoneTemplate: z.string().includes('{key}') })
        .nullish(),
    }),
    lookupUrl: z.url().nullable(),
    delist: removalSchema.nullable(),
    txt: z.boolean().nullable(),
    /** The usual TTL of an answer, in seconds. */
    ttlTypical: z.number().nullable(),
    status: z.enum(['active', 'dead']),
    sinceOrUntil: z.string().nullable(),
    verifiedOn: verifiedOnSchema,
    provenance: provenanceSchema,
    sources: z.array(sourceSchema),
    confidence: confidenceSchema,
    note: z.string().optional(),
  })
  .refine(({ kind, gates }) => kind !== 'allow' || !gates, 'an allow list gates nothing');

/** A list that has closed down, with all its zones. */
export const deadListSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  zones: z.array(z.string().regex(/^[a-z0-9._-]+\.[a-z]+$/)).min(1),
  reason: z.string().min(1),
  since: z.string().nullable(),
  /** How its zones answer now. */
  behaviour: z.string(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

/** A DNS resolver that many people share. */
export const sharedResolverSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  /**
   * Who it serves: everybody (`public`), the customers of a hosting provider (`provider`), or this machine or container
   * alone (`stub`). A stub passes questions on to a resolver that its address does not show.
   */
  kind: z.enum(['public', 'provider', 'stub']),
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).min(1),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

export type List = z.infer<typeof listSchema>;
export type ListCode = z.infer<typeof codeSchema>;
export type Removal = z.infer<typeof removalSchema>;
export type DeadList = z.infer<typeof deadListSchema>;
export type SharedResolver = z.infer<typeof sharedResolverSchema>;
export type ResolverKind = SharedResolver['kind'];
