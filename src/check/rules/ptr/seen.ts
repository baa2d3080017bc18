/** Says which PTR records were seen. */
import type { PtrFact, PtrName } from '../../facts/ptr.ts';
import { seenTexts } from '../seen.ts';

const BACK: Readonly<Record<PtrName['confirmation'], (ip: string) => string>> = {
  confirmed: (ip) => ` → ${ip}`,
  absent: () => ' → no address',
  mismatch: () => ' → another address',
  unknown: () => ' → not known',
};

/** @returns the names of each address and where they resolve to: `203.0.113.5 → mail.example.com → 203.0.113.5`. */
export function seenPtr(facts: readonly PtrFact[]): string {
  return seenTexts(facts.flatMap(texts));
}

function texts(fact: PtrFact): string[] {
  const { ip, kind } = fact;
  if (kind === 'unknown') return [`${ip} → not known`];
  if (fact.names.length === 0) return [`${ip} → no PTR record`];
  return fact.names.map(({ name, confirmation }) => `${ip} → ${name}${BACK[confirmation](ip)}`);
}
