/** The findings about the change to the key that the user gave: whether it is safe to sign with it. */
import { listed } from '../../../report/listed.ts';
import type { SwitchServer } from '../../facts/key-switch.ts';
import { findingSpec } from '../finding.ts';
import { minuteOf } from '../until.ts';

/** What the name servers show of the key. */
export interface SwitchEvidence {
  readonly selector: string;
  /** The name of the key record. */
  readonly name: string;
  /** The fingerprint of the public key. */
  readonly fingerprint: string;
  /** The zone whose name servers were asked. `null` if it is not known. */
  readonly zone: string | null;
  /** The addresses of the name servers that have the key. */
  readonly having: readonly SwitchServer[];
  /** When the run began, in ISO 8601. */
  readonly at: string;
}

export interface NotYetEvidence extends SwitchEvidence {
  /** Why the switch is not safe: an older answer may be left, or a name server could not be asked. */
  readonly why: 'older-answers' | 'unseen';
  /** The addresses of the name servers that did not answer. */
  readonly unseen: readonly SwitchServer[];
  /** Whether the resolver of this run still has an older answer. */
  readonly isResolverOld: boolean;
  /** Since when all name servers have the key, in ISO 8601. */
  readonly since: string | null;
  /** From when the switch is safe at the latest, in ISO 8601. */
  readonly by: string | null;
  /** Seconds for which resolvers keep an older answer. */
  readonly keptFor: number | null;
}

export interface NotEverywhereEvidence extends SwitchEvidence {
  /** The addresses of the name servers that have another record. */
  readonly other: readonly SwitchServer[];
  /** The addresses of the name servers that have no record. */
  readonly lacking: readonly SwitchServer[];
}

export const switchFindings = {
  'dkim/safe-to-switch': findingSpec<SwitchEvidence>({
    severity: 'info',
    title: 'It is safe to switch to the key',
    message: ({ selector, name, having, zone }) =>
      `It is safe to switch to selector ${selector}: ${allOf(having, zone)} the key at ${name}, and older answers have expired.`,
    explanation: 'Every receiver that looks the key up now finds it.',
    remediation: ({ selector }) => ({
      summary: `Make the mail server sign with selector ${selector} if it does not yet. Keep the key of the selector before for 7 days, because receivers still verify mail that it signed. Then publish it with an empty p=, or delete it.`,
    }),
    reference: 'RFC 6376 §3.6.1, RFC 2308 §5',
  }),
  'dkim/not-safe-yet': findingSpec<NotYetEvidence>({
    severity: 'info',
    title: 'It is not known to be safe yet to switch to the key',
    message: ({ why, selector, name, having, zone, unseen, isResolverOld, by, at }) => {
      if (why === 'unseen' || by === null) {
        const which = unseen.length === 0 ? '' : ` (no answer from ${serversText(unseen)})`;
        return `It is not known whether it is safe to switch to selector ${selector}: not all name servers could be asked for ${name}${which}.`;
      }
      const who = isResolverOld ? 'the resolver of this check still has' : 'resolvers may still have';
      return `${capital(allOf(having, zone))} the key at ${name}, but ${who} an older answer: it is safe to switch to selector ${selector} at ${minuteOf(by, at)} at the latest.`;
    },
    explanation: 'A receiver with an older answer does not find the key, so the signature fails there.',
    remediation: ({ why, selector, by, at }) =>
      why === 'unseen' || by === null
        ? {
            summary:
              'Run the check from a network that can ask name servers (port 53), or ask each of them by hand before the switch.',
          }
        : {
            summary: `If the key is new, sign with selector ${selector} from ${minuteOf(by, at)} on. A run with --wait ends when it is safe. If the host signs with it already, there is nothing to do.`,
          },
    reference: 'RFC 6376 §3.6.1, RFC 2308 §5',
  }),
  'dkim/not-at-all-servers': findingSpec<NotEverywhereEvidence>({
    severity: 'warning',
    title: 'Not all name servers have the key',
    message: ({ selector, name, other, lacking }) => {
      const wrong = [
        ...(other.length > 0 ? [`${serversText(other)} ${other.length === 1 ? 'has' : 'have'} another record`] : []),
        ...(lacking.length > 0 ? [`${serversText(lacking)} ${lacking.length === 1 ? 'has' : 'have'} no record`] : []),
      ];
      return `It is not safe to switch to selector ${selector} yet: ${wrong.join(', and ')} at ${name}.`;
    },
    details: ({ having, other, lacking }) => [
      ...having.map((server) => ({ label: serversText([server]), text: 'has the key' })),
      ...other.map((server) => ({ label: serversText([server]), text: 'has another record' })),
      ...lacking.map((server) => ({ label: serversText([server]), text: 'has no record' })),
    ],
    explanation: 'Receivers that ask one of these servers do not find the key, so the signature fails there.',
    remediation: ({ name, selector }) => ({
      summary: `Wait until every name server has the record at ${name}, and go on signing with the key that you use now until then. If it takes longer than the refresh time of the zone, correct the transfer of the zone to these servers. Do not sign with selector ${selector} yet.`,
    }),
    reference: 'RFC 6376 §3.6.1, RFC 1034 §4.3.5',
  }),
} as const;

/** @returns the servers as the subject of a sentence, with the verb: `all 2 name servers of example.com have`. */
function allOf(having: readonly SwitchServer[], zone: string | null): string {
  const names = new Set(having.map(({ name }) => name)).size;
  const of = zone === null ? '' : ` of ${zone}`;
  if (names === 1) return `the only name server${of} has`;
  return `${names === 2 ? 'both' : `all ${names}`} name servers${of} have`;
}

/** @returns the servers by name and address: `ns1.example.com (192.0.2.53)`. */
function serversText(servers: readonly SwitchServer[]): string {
  return listed(servers.map(({ name, address }) => `${name} (${address})`));
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
