/**
 * The types of the fields of a recording. Each field is held to what it can be, and to a size: a recording may come from
 * a stranger. The bounds are far above what a run records.
 */
import * as z from 'zod';
import { parseDomain } from '../network/domain.ts';
import { parseIp } from '../network/ip.ts';
import { isCertificate } from '../standards/certificate.ts';
import { INVISIBLE } from '../usage-error.ts';

/** The greatest number that a field of 32 bits holds, such as a TTL or a serial number of the DNS. */
const MAX_32_BITS = 2 ** 32 - 1;

/** The longest time in a recording, in milliseconds: one day. */
const MAX_MS = 86_400_000;

/** @returns the schema of text of at most so many characters. It may contain anything, as the network does. */
export const text = (longest: number) => z.string().max(longest);

/** @returns the schema of a list of at most so many items. */
export const listOf = <S extends z.ZodType>(item: S, most: number) => z.array(item).max(most);

/** A name as the DNS gives it. A label may contain any octet. */
export const name = text(1024);

/** A word that the SMTP dialogue or the command line can carry: visible ASCII without a blank. */
export const word = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** A word of a table of mailcheck's own: the id of a rule, the code of a finding. */
export const id = z.string().regex(/^[a-z0-9*][a-z0-9*/-]{0,99}$/);

/** Text to show, such as the name of a file: one line that a terminal shows as it is. */
export const shown = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((value) => value.search(INVISIBLE) < 0, 'has characters that no terminal shows');

/** What identifies a question. A step of SMTP contains the lines that were sent, and these may contain a message. */
export const asked = text(1_000_000);

/** The words of a failure, or of a library. */
export const detail = text(10_000);

export const count = z.int().min(0).max(MAX_32_BITS);
export const port = z.int().min(1).max(65_535);
export const milliseconds = z.number().min(0).max(MAX_MS);

export const domain = z.string().transform((value, context) => {
  const parsed = parseDomain(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a domain name');
  return z.NEVER;
});

export const address = z.string().transform((value, context) => {
  const parsed = parseIp(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('not an IP address');
  return z.NEVER;
});

export const certificate = z.base64().max(100_000).refine(isCertificate, 'not a certificate');
