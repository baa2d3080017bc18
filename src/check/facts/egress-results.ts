/** The results of connecting from this machine to mail servers and to other services. */
import { overwrittenParts } from '../../knowledge/mail-servers/smtp-inspection.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { ReachResult, SmtpFailure, SmtpReply, SmtpResult, Transcript } from '../../network/smtp/types.ts';
import type { Anchor, EgressTarget } from './egress-anchors.ts';

/** How one mail server answered. */
export type AnchorOutcome =
  /** `greeted`: the server answered 220 and did not refuse EHLO. `rejected`: it refused the client at either point. */
  | {
      readonly kind: 'greeted' | 'rejected';
      readonly reply: SmtpReply;
      /** The result of EHLO. `null` when the greeting was not 220, so EHLO was not sent. */
      readonly hello: SmtpResult | null;
      readonly extensions: ReadonlyMap<string, string>;
      /** The host name in the greeting, in lower case. `null` when there is none. */
      readonly greetingName: string | null;
      /** Milliseconds until the connection was established. */
      readonly connectMs: number;
      readonly transcript: Transcript;
    }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure };

/** One mail server at one address, and how it answered. */
export interface AnchorResult {
  readonly anchor: Anchor;
  readonly ip: IpAddress;
  readonly outcome: AnchorOutcome;
}

/** One control service at one address, and whether it could be reached. */
export interface ControlResult {
  readonly control: EgressTarget;
  readonly ip: IpAddress;
  readonly result: ReachResult;
}

/**
 * @returns the mail servers whose dialogue was edited on the way: a keyword is overwritten, or STARTTLS is missing where
 *   it is offered to everyone else.
 */
export function editedAnchors(anchors: readonly AnchorResult[]): AnchorResult[] {
  return anchors.filter(({ anchor, outcome }) => {
    if (outcome.kind !== 'greeted' || outcome.hello?.status !== 'reply' || outcome.hello.reply.code !== 250) {
      return false;
    }
    const parts = overwrittenParts({ greeting: outcome.reply.lines, keywords: outcome.hello.reply.lines.slice(1) });
    return parts.includes('keyword') || (anchor.offersTls && !outcome.extensions.has('STARTTLS'));
  });
}
