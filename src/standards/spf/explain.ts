/** The explanation of a fail (RFC 7208 §6.2): whatever goes wrong on the way, there is then no explanation. */
import { recordsOf } from '../../network/dns/answer.ts';
import { expandMacros, expandTarget, isQueryableName, type MacroValues, macroLetters } from './macro.ts';
import { parseMacroString } from './macro-syntax.ts';
import type { MacroString } from './record.ts';
import type { Session } from './session.ts';
import { validatedName } from './validated-name.ts';

/** Where the explanation is: the `exp=` of the record whose mechanism matched. */
export interface ExplanationSource {
  readonly domain: string;
  readonly domainSpec: MacroString;
}

/** Costs no counted lookup: the result is known by then (§4.6.4: `exp` "is not included"). */
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
  // "the explanation string ... is restricted to US-ASCII"; a sender or HELO name may bring other characters in.
  return /^[\x20-\x7e]*$/.test(text) ? text : null;
}
