/** What a row of the list data must say. The rows are checked against this by the tests, not at every start. */
import { z } from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';

/** Four octet patterns: a number, `*` (any), `a-b` (inclusive) or `&n` (all bits of n set). */
const matchPattern = z.string().regex(/^((\d{1,3}|\*|\d{1,3}-\d{1,3}|&\d{1,3})(\.(?!$)|$)){4}$/);

const removalSchema = z.strictObject({
  url: z.url().nullable(),
  how: z.string(),
  /** Whether the user can ask, or only the owner of the network. */
  self: z.boolean().nullable(),
  paid: z.boolean().nullable(),
  autoExpiry: z.string().nullable(),
});

const codeSchema = z.strictObject({
  match: matchPattern,
  name: z.string().min(1),
  meaning: z.string().min(1),
  /** `abused` and `new` are of name lists: a legitimate domain that others misuse, and one that is only days old. */
  class: z.enum(['reputation', 'exploit', 'policy', 'block', 'abused', 'new', 'informational', 'allow', 'refusal']),
  /** How much of the address space one listing speaks for. */
  scope: z.enum(['ip', 'block', 'domain']),
  /** How to get off, where that is another way than the list's usual one. */
  delist: removalSchema.optional(),
});

const canarySchema = z.strictObject({
  /** Must be listed (RFC 5782 §5), or `null` where the list has no such entry. */
  listed: z.ipv4().nullable(),
  notListed: z.ipv4().nullable(),
  v6Listed: z.string().optional(),
  domainListed: z.string().optional(),
  domainNotListed: z.string().optional(),
  /**
   * Whether the entries were seen to work, or are only what the standard asks for. Where they do not work although
   * they should, the list is broken; where nobody knows, its silence is only not verified.
   */
  confirmed: z.boolean(),
});

export const listSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  zone: z.string().regex(/^[a-z0-9.-]+\.[a-z]+$/),
  name: z.string().min(1),
  operator: z.string(),
  kind: z.enum(['ip', 'domain', 'allow']),
  families: z.array(z.union([z.literal(4), z.literal(6)])),
  impact: z.enum(['critical', 'high', 'medium', 'low']),
  /** Asked unless the user names other lists; `with-key`: only by those who have its key. */
  default: z.union([z.boolean(), z.literal('with-key')]),
  /** Its place among the lists that are asked, and so in a report: the list that matters most has the lowest. */
  place: z.number().int().positive(),
  codes: z.array(codeSchema).min(1),
  /** The operator says that an answer outside `codes` is an error and no listing. */
  onlyKnownCodes: z.boolean().optional(),
  /** One IPv6 listing speaks for a network of this prefix length. */
  v6Prefix: z.number().int().min(32).max(128).optional(),
  refusal: z.array(matchPattern),
  canary: canarySchema.nullable(),
  access: z.strictObject({
    freeTier: z.string().min(1),
    publicResolversRefused: z.boolean().nullable(),
    registration: z.enum(['none', 'required', 'ip-registration']),
    key: z
      .strictObject({ env: z.string().regex(/^[A-Z0-9_]+$/), zoneTemplate: z.string().includes('{key}') })
      .nullish(),
  }),
  lookupUrl: z.url().nullable(),
  delist: removalSchema.nullable(),
  txt: z.boolean().nullable(),
  /** Seconds. */
  ttlTypical: z.number().nullable(),
  status: z.enum(['active', 'dead']),
  sinceOrUntil: z.string().nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
  note: z.string().optional(),
});

/** A list that has closed, with all its zones. */
export const deadListSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  zones: z.array(z.string().regex(/^[a-z0-9._-]+\.[a-z]+$/)).min(1),
  reason: z.string().min(1),
  since: z.string().nullable(),
  /** What its zones answer now. */
  behaviour: z.string(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

/** A resolver that many people share. */
export const sharedResolverSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  /** Open to all, a hosting provider's for its customers, or a forwarder on this machine. */
  kind: z.enum(['public', 'provider', 'stub']),
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).min(1),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
});

export type List = z.infer<typeof listSchema>;
export type ListCode = z.infer<typeof codeSchema>;
export type Removal = z.infer<typeof removalSchema>;
export type DeadList = z.infer<typeof deadListSchema>;
export type SharedResolver = z.infer<typeof sharedResolverSchema>;
export type ResolverKind = SharedResolver['kind'];
