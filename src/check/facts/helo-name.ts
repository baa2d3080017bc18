/**
 * The name the host announces when it sends: what the user says, else the best that can be seen from outside. The
 * source is kept, since a name read off a greeting is likely, but not certain, to be the one used for sending.
 */
import type { IpAddress } from '../../network/ip.ts';
import type { Greeting } from './greeting.ts';
import type { PtrFact } from './ptr.ts';

export type HeloSource = 'option' | 'greeting' | 'ehlo' | 'ptr';

export type HeloName =
  | { readonly name: string; readonly source: HeloSource }
  | { readonly name: null; readonly tried: readonly { readonly source: HeloSource; readonly outcome: string }[] };

export async function gatherHeloName(
  ip: IpAddress,
  given: string | undefined,
  ask: { greeting: (ip: IpAddress) => Promise<Greeting>; ptr: (ip: IpAddress) => Promise<PtrFact> },
): Promise<HeloName> {
  if (given !== undefined) return { name: given, source: 'option' };
  const [greeting, ptr] = await Promise.all([ask.greeting(ip), ask.ptr(ip)]);
  if (greeting.kind === 'greeted' && greeting.greetingName) return { name: greeting.greetingName, source: 'greeting' };
  if (greeting.kind === 'greeted' && greeting.helloName) return { name: greeting.helloName, source: 'ehlo' };
  const reverse = ptr.names.find(({ confirmation }) => confirmation === 'confirmed') ?? ptr.names[0];
  if (reverse) return { name: reverse.name, source: 'ptr' };
  return {
    name: null,
    tried: [
      { source: 'greeting', outcome: greetingOutcome(greeting) },
      { source: 'ptr', outcome: ptr.query.status },
    ],
  };
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
