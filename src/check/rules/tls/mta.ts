/** Recognises the mail server behind an endpoint, whose configuration lines a remedy may name. */
import { type MtaId, recogniseMta } from '../../../knowledge/mail-servers/mta.ts';
import { type Greeting, greetingText } from '../../facts/greeting.ts';

/** @returns the mail server that names itself in its greeting or EHLO reply, or `null`. */
export function mtaOf(greeting: Greeting): MtaId | null {
  return greeting.kind === 'greeted' ? (recogniseMta(greetingText(greeting))?.id ?? null) : null;
}
