/**
 * The schema of the receiver data: which faults make a receiver refuse, defer or downgrade mail, and with which reply.
 * There is one file per receiver in `data/`.
 */
import * as z from 'zod';
import { confidenceSchema, provenanceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { CAUSES, type CauseName } from './causes.ts';

const cause = z.custom<CauseName>((name) => typeof name === 'string' && Object.hasOwn(CAUSES, name), {
  message: 'is no name of a cause',
});

/** Where a statement was seen. `source` is `null` when it was seen nowhere. */
const basisShape = {
  source: z.url({ protocol: /^https?$/ }).nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  confidence: confidenceSchema.optional(),
};

/** The beginning of a reply. A reply that was seen in no source is not in the data. */
const replySchema = z.strictObject({
  text: z.string().min(3),
  ...basisShape,
  source: z.url({ protocol: /^https?$/ }),
});

/** One receiver. */
export const receiverSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z0-9]+)*$/),
  name: z.string(),
  /** The place in the report. The receiver with the most mailboxes has the lowest. */
  place: z.number().int().positive(),
  /**
   * The domains of its mail servers and of its pages for senders, by which a bounce tells that it comes from there. Each
   * group names one source that has hosts of all its domains. Two receivers have a domain if the hosts below it answer
   * for both.
   */
  hosts: z.array(
    z.strictObject({
      domains: z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)).min(1),
      ...basisShape,
      source: z.url({ protocol: /^https?$/ }),
    }),
  ),
  /**
   * The domain of its mailboxes whose MX host is asked by `--ask-receivers`. Absent for a receiver that says at RCPT at the
   * earliest what it thinks of an address, and for one without mailboxes of its own.
   */
  asks: z.strictObject({ domain: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/), ...basisShape }).optional(),
  /** Where it is asked to accept mail from an address again. The first whose sign is in the reply counts. */
  removals: z
    .array(
      z
        .strictObject({
          /** What the reply has that this is for. Any reply when absent. */
          sign: z.string().min(2).optional(),
          /** What to do there, as a sentence that ends without a full stop. */
          how: z.string().min(10),
          form: z.url({ protocol: /^https$/ }).nullable(),
          mailbox: z.email().nullable(),
          ...basisShape,
        })
        .refine(({ form, mailbox }) => form !== null || mailbox !== null, 'has neither a form nor a mailbox'),
    )
    .optional(),
  /** The one IP version over which the receiver takes mail, if it does not take it over both. */
  takes: z.strictObject({ family: z.union([z.literal(4), z.literal(6)]), because: z.string() }).optional(),
  /** The rules, the hardest first. The first rule whose condition is met decides. */
  rules: z.array(
    z.strictObject({
      outcome: z.enum(['refuses', 'defers', 'degrades']),
      /** `bulk`: the rule applies only to senders of high volume. */
      volume: z.enum(['any', 'bulk']),
      /**
       * The IP version over which the rule applies. It counts if an address of that version was tested, and findings
       * about addresses of the other do not count for it.
       */
      family: z.union([z.literal(4), z.literal(6)]).optional(),
      /** The condition: every group must be met, and a group is met by any of its causes. */
      when: z.array(z.array(cause).min(1)).min(1),
      /** What the receiver does or requires, as a predicate: "requires a valid PTR record". */
      because: z.string(),
      reply: replySchema.nullable(),
      /** What the rule rests on. When absent, the page of the row says it. */
      basis: z.strictObject(basisShape).optional(),
    }),
  ),
  /** What the receiver also looks at but no check can see. */
  notCheckable: z.array(z.string()),
  /** What to do before the first mail, if the receiver rejects unknown addresses. `null` when it does not. */
  askFirst: z.string().nullable(),
  source: z.url(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  /** `low` marks the row as not confirmed, whatever its date. A rule with a basis and a reply have their own. */
  confidence: confidenceSchema.optional(),
});

export type Receiver = z.infer<typeof receiverSchema>;
