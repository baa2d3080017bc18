/** The tool `records`: every DNS record that a host needs. It takes no key and makes none. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { isLying } from '../../check/facts/resolver.ts';
import { printable } from '../../reporters/printable.ts';
import { asked, faultWords } from '../commands/ask-dns.ts';
import { recordsRequest } from '../commands/records.ts';
import { targetSchema } from '../config/schema.ts';
import { RECORDS_OPTIONS } from '../options/command-options.ts';
import { answerOf, type Call, refused } from './answer.ts';
import { dnsServersFor, type Place } from './place.ts';
import { dns, ips, timeLimit } from './run.ts';

const { domain, helo, reportsTo, dnsHost } = targetSchema.shape;
const { timeout, format } = RECORDS_OPTIONS;

export const recordsInput = z.strictObject({
  domain,
  ips: ips.unwrap().min(1).meta({ description: 'The addresses that it is sent from' }),
  helo,
  reportsTo,
  dnsHost,
  dns,
  timeout: timeLimit(timeout.default),
  format: z
    .string()
    .optional()
    .meta({ description: `Form of the text: ${format.choices.join(', ')} (default ${format.default})` }),
});

/** @returns the answer: the records as text of the format. */
export async function recordsTool(
  { domain: domainText, ips: ipTexts, dns: servers, reportsTo: rua, ...given }: z.infer<typeof recordsInput>,
  place: Place,
  { mcpReq: { signal } }: Call,
): Promise<CallToolResult> {
  const named = await dnsServersFor(servers, place);
  const request = await recordsRequest(domainText, ipTexts, {
    timeout: given.timeout === undefined ? timeout.default : String(given.timeout),
    format: given.format ?? format.default,
    ...(given.helo === undefined ? {} : { helo: given.helo }),
    ...(given.dnsHost === undefined ? {} : { dnsHost: given.dnsHost }),
    ...(rua === undefined ? {} : { rua }),
    ...(named === undefined ? {} : { dns: named }),
  });
  const { found, fault } = await asked(request, request.plan, signal);
  signal.throwIfAborted();
  if (fault !== null && isLying(fault)) return refused(faultWords(fault));
  const { text, notes, isUnknown } = await request.textOf(found);
  const unknown =
    fault !== null ? faultWords(fault) : isUnknown ? 'Not all is known: the notes in the text say what is not.' : null;
  return answerOf(unknown, [...notes.map((note) => `${printable(note)}\n`), text].join(''));
}
