/**
 * Finds the name that the host announces when it sends: the name the user gave, otherwise the best one that can be seen
 * from outside. The result keeps the source, because the name in a greeting is probably, but not certainly, the name
 * used for sending.
 */
import { recogniseMta } from '../../knowledge/mail-servers/mta.ts';
import { greetingNameOf } from '../../knowledge/mail-servers/sending-name.ts';
import { sameName } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import { quoteReply } from '../../network/smtp/quote.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, type Greeting, greetingAnywhere, greetingText } from './greeting.ts';
import { confirmedNames, ptr } from './ptr.ts';

/**
 * Where the HELO name comes from: `--helo`, the greeting, the EHLO reply, either of them on a submission port or at another
 * tested address of the same host, or the PTR record.
 */
export type HeloSource = 'option' | 'greeting' | 'ehlo' | 'submission' | 'other-address' | 'ptr';

/** The HELO name and its source, or the sources that gave no name. */
export type HeloName =
  | { readonly name: string; readonly source: HeloSource }
  | { readonly name: null; readonly tried: readonly { readonly source: HeloSource; readonly outcome: string }[] };

/** Finds the HELO name of the host at an address. */
export const heloName = fact(
  async ({ target, facts, settings }: Needs<DialogueSources>, ip: IpAddress): Promise<HeloName> => {
    if (target.helo !== undefined) return { name: target.helo, source: 'option' };
    const [{ greeting: greeted, port }, { names, query }] = await Promise.all([
      facts(greetingAnywhere, ip),
      facts(ptr, ip),
    ]);
    const seen = greeted.kind === 'greeted' ? seenName(greeted) : undefined;
    if (seen !== undefined) return port === settings.smtpPort ? seen : { name: seen.name, source: 'submission' };
    const twin =
      greeted.kind === 'failed' ? await nameOfTwin(ip, confirmedNames({ names }), { target, facts }) : undefined;
    if (twin !== undefined) return { name: twin, source: 'other-address' };
    const reverse = names.find(({ confirmation }) => confirmation === 'confirmed') ?? names[0];
    if (reverse) return { name: reverse.name, source: 'ptr' };
    return {
      name: null,
      tried: [
        { source: 'greeting', outcome: greetingOutcome(greeted) },
        { source: 'ptr', outcome: query.status },
      ],
    };
  },
);

/**
 * Finds the name that the same host greets with at another tested address, for an address that cannot be reached from
 * here. The PTR record of the address must have that name too.
 */
async function nameOfTwin(
  ip: IpAddress,
  reverseNames: readonly string[],
  { target, facts }: Pick<Needs<DialogueSources>, 'target' | 'facts'>,
): Promise<string | undefined> {
  const others = target.ips.filter((other) => other !== ip);
  const greetings = await Promise.all(others.map(async (other) => (await facts(greetingAnywhere, other)).greeting));
  const seen = greetings.flatMap((other) => (other.kind === 'greeted' ? (seenName(other)?.name ?? []) : []));
  return seen.find((name) => reverseNames.some((reverse) => sameName(reverse, name)));
}

type Greeted = Extract<Greeting, { kind: 'greeted' }>;

/** @returns the name that a server greets or answers EHLO with. */
function seenName(greeted: Greeted): { readonly name: string; readonly source: HeloSource } | undefined {
  const { greetingName, helloName } = greeted;
  const relation = greetingNameOf(recogniseMta(greetingText(greeted))?.id ?? null);
  // The text of a greeting can be set freely. The answer to EHLO comes from the setting that the HELO name comes from.
  if (relation === 'same' && greetingName && helloName && !sameName(greetingName, helloName)) {
    return { name: helloName, source: 'ehlo' };
  }
  if (greetingName) return { name: greetingName, source: 'greeting' };
  if (helloName) return { name: helloName, source: 'ehlo' };
  const label = relation === 'unknown' ? null : singleLabel(greeted);
  return label === null ? undefined : { name: label, source: 'greeting' };
}

/**
 * @returns the single label that a server greets and answers EHLO with. Servers that are not known may begin their greeting with
 *   any word.
 */
function singleLabel({ reply, hello }: Greeted): string | null {
  const [greetingWord, helloWord] = [reply, hello.status === 'reply' ? hello.reply : null].map((one) =>
    one?.lines[0]?.trim().split(/\s+/)[0]?.toLowerCase(),
  );
  const isLabel = greetingWord !== undefined && greetingWord === helloWord && /^[a-z][a-z0-9-]*$/.test(greetingWord);
  return isLabel ? greetingWord : null;
}

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
