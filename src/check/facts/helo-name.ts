/**
 * Finds the name that the host announces when it sends: the name the user gave, otherwise the best one that can be seen
 * from outside. The result keeps the source, because the name in a greeting is probably, but not certainly, the name
 * used for sending.
 */
import { recogniseMta } from '../../knowledge/mail-servers/mta.ts';
import { greetingNameOf } from '../../knowledge/mail-servers/sending-name.ts';
import type { IpAddress } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, type Greeting, greeting, greetingText } from './greeting.ts';
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
  const label = greeted.kind === 'greeted' ? singleLabel(greeted) : null;
  if (label !== null) return { name: label, source: 'greeting' };
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

/**
 * @returns the single label that a server greets and answers EHLO with, if it is known to send with that name. Others may
 *   begin their greeting with any word.
 */
function singleLabel(greeted: Extract<Greeting, { kind: 'greeted' }>): string | null {
  const { reply, hello } = greeted;
  const [greetingWord, helloWord] = [reply, hello.status === 'reply' ? hello.reply : null].map((one) =>
    one?.lines[0]?.trim().split(/\s+/)[0]?.toLowerCase(),
  );
  const isLabel = greetingWord !== undefined && greetingWord === helloWord && /^[a-z][a-z0-9-]*$/.test(greetingWord);
  const mta = recogniseMta(greetingText(greeted));
  return isLabel && greetingNameOf(mta?.id ?? null) === 'same' ? greetingWord : null;
}

function greetingOutcome(greeting: Greeting): string {
  switch (greeting.kind) {
    case 'greeted':
      return 'no host name in greeting';
    case 'rejected':
      return `greeted with ${greeting.reply.code}`;
    case 'failed':
      return greeting.failure.status;
  }
}
