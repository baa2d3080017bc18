/** The schema of the web proxies: content delivery networks and web firewalls that stand in front of a host. */
import * as z from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';

const dnsName = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);

/** One web proxy. It carries HTTP, so mail neither arrives at its addresses nor leaves from them. */
export const webProxySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(2),
  /** The networks in which nothing but the proxy answers. Empty when it shares them with other hosts. */
  ranges: z.array(z.union([z.cidrv4(), z.cidrv6()])),
  /** The networks inside these in which its own mail service receives or sends. */
  mailRanges: z.array(z.union([z.cidrv4(), z.cidrv6()])),
  /** The endings of the names to which customers point an alias (CNAME). */
  nameSuffixes: z.array(dnsName),
  /** The endings of the names of its own mail hosts, which are in the same networks and are no proxies. */
  ownMailSuffixes: z.array(dnsName),
  /** The endings of the PTR names of its edge servers. */
  ptrSuffixes: z.array(dnsName),
  /**
   * The numbers of the autonomous systems that announce its edge servers, and hardly anything else. Not those of a network
   * that carries mail hosts of customers.
   */
  asns: z.array(z.number().int().positive()),
  /** What takes a name out of the proxy, in the words of its console. `{name}` stands for the name. */
  bypass: z.string().regex(/\{name\}.*\.$/),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema).min(1),
  confidence: confidenceSchema,
});

export type WebProxy = z.infer<typeof webProxySchema>;
