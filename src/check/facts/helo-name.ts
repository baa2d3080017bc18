/**
 * Finds the name that the host announces when it sends: the name the user gave, otherwise the best one that can be seen
 * from outside. The result keeps the source, because the name in a greeting is probably, but not certainly, the name
 * used for sending.
 */
import type { IpAddress } from '../../network/ip.ts';
import { quoteReply } from '../../network/smtp/quote.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, type Greeting, greeting } from './greeting.ts';
import { ptr } from './ptr.ts';

/** Where the HELO name comes from: `--helo`, the greeting, the EHLO reply or the PTR record. */
export type HeloSource = 'option' | 'greeting' | 'ehlo' | 'ptr';

/** The HELO name and its source, or the sources that gave no name. */
export type HeloName =
  | { readonly name: string; readonly source: HeloSource }
  | { readonly name: null; readonly tried: readonly { readonly source: HeloSource; readonly outcome: string }[] };

/** Finds the HELO name of the host at an address. */
export const heloName = fact(async ({ target, facts }: Needs<DialogueSources>, ip: IpAddress): Promise<HeloName> => {
  if (target.helo !== undefined) return { name: target.helo, source: 'option' };
  const [greeted, { names, query }] = await Promise.all([facts(greeting, ip), facts(ptr, ip)]);
  if (greeted.kind === 'greeted' && greeted.greetingName) return { name: greeted.greetingName, source: 'greeting' };
  if (greeted.kind === 'greeted' && greeted.helloName) return { name: greeted.helloName, source: 'ehlo' };
  const reverse = names.find(({ confirmation }) => confirmation === 'confirmed') ?? names[0];
  if (reverse) return { name: reverse.name, source: 'ptr' };
  return {
    name: null,
    tried: [
      { source: 'greeting', outcome: greetingOutcome(greeted) },
      { source: 'ptr', outcome: query.status },
    ],
  };
});

function greetingOutcome(greeting: Greeting): string {
  switch (greeting.kind) {
    case 'greeted':
      return 'no host name in greeting';
    case 'rejected':
      return `greeted with ${quoteReply(greeting.reply)}`;
    case 'failed':
      return greeting.failure.status;
  }
}
