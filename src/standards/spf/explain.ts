/** Fetches the explanation of a `fail` (RFC 7208 §6.2). There is no explanation when any step fails. */
import { recordsOf } from '../../network/dns/answer.ts';
import { expandMacros, expandTarget, isQueryableName, type MacroValues, macroLetters } from './macro.ts';
import { parseMacroString } from './macro-syntax.ts';
import type { MacroString } from './record.ts';
import type { Session } from './session.ts';
import { validatedName } from './validated-name.ts';

/** The `exp=` of the record whose mechanism matched, and the domain of that record. */
export interface ExplanationSource {
  readonly domain: string;
  readonly domainSpec: MacroString;
}

/**
 * Fetches and expands the explanation. Its lookups do not count against the limits (§4.6.4: `exp` "is not included").
 *
 * @returns the text, or `null` when there is no usable explanation.
 */
export async function explain(session: Session, source: ExplanationSource): Promise<string | null> {
  const values = async (macro: MacroString): Promise<MacroValues> => ({
    ...session.macros,
    domain: source.domain,
    validatedName: macroLetters(macro).has('p') ? await validatedName(session.dns, session.ip, source.domain) : '',
  });
  const target = expandTarget(source.domainSpec, await values(source.domainSpec));
  if (!isQueryableName(target)) return null;
  const records = recordsOf(await session.dns.query(target, 'TXT'));
  if (records.length !== 1) return null;
  const parsed = parseMacroString((records[0] ?? []).join(''), 'explanation');
  if (!parsed.ok) return null;
  const text = expandMacros(parsed.value, await values(parsed.value));
  // "the explanation string ... is restricted to US-ASCII". A macro may insert others.
  return /^[\x20-\x7e]*$/.test(text) ? text : null;
}
