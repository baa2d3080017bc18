/** Says which DKIM keys were seen. */
import { isUsable, type SelectorLookup } from '../../../standards/dkim/lookup.ts';
import type { PublicKey } from '../../../standards/dkim/public-key.ts';
import type { DkimFact } from '../../facts/dkim.ts';
import type { MessageFact } from '../../facts/message.ts';
import { seenTexts } from '../seen.ts';

/** @returns the selectors with the length of their keys: `selector s1 (given): RSA 2048 bits`. */
export function seenDkim({ lookups, discovery }: DkimFact, sent: MessageFact | null): string {
  if (lookups.length === 0 && !sent?.isVerified) return 'no key at the selectors that were guessed';
  const how = discovery === null ? 'given' : 'guessed';
  const verified = sent?.isVerified ? ['the message verifies'] : [];
  return seenTexts([
    ...lookups.map((lookup) => `selector ${lookup.selector} (${how}): ${keyText(lookup)}`),
    ...verified,
  ]);
}

function keyText(lookup: SelectorLookup): string {
  const keys = lookup.records.flatMap(({ key }) => (key === null ? [] : [lengthText(key)]));
  if (lookup.outcome === 'unknown') return 'no answer';
  if (keys.length === 0) return 'no key';
  return `${keys.join(', ')}${isUsable(lookup) ? '' : ', not usable'}`;
}

function lengthText(key: PublicKey): string {
  return key.type === 'rsa' ? `RSA ${key.bits} bits` : 'Ed25519';
}
