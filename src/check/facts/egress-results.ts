/** What mail servers and other services answered when this machine tried to reach them. */
import type { IpAddress } from '../../network/ip.ts';
import type { ReachResult, SmtpFailure, SmtpReply, SmtpResult, Transcript } from '../../network/smtp/types.ts';
import type { Anchor, EgressTarget } from './egress-anchors.ts';

export type AnchorOutcome =
  /** Greeted with 220; then EHLO. */
  | {
      readonly kind: 'greeted' | 'rejected';
      readonly reply: SmtpReply;
      readonly hello: SmtpResult | null;
      readonly extensions: ReadonlyMap<string, string>;
      readonly greetingName: string | null;
      readonly connectMs: number;
      readonly transcript: Transcript;
    }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure };

export interface AnchorResult {
  readonly anchor: Anchor;
  readonly ip: IpAddress;
  readonly outcome: AnchorOutcome;
}

export interface ControlResult {
  readonly control: EgressTarget;
  readonly ip: IpAddress;
  readonly result: ReachResult;
}
