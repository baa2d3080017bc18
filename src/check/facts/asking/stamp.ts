/**
 * The stamps of the receivers that were asked: each receiver is asked at most once a day from one address. A stamp also
 * keeps what the receiver said, so that a later run of the day reports it without asking again.
 */
import { z } from 'zod';
import type { IpAddress } from '../../../network/ip.ts';
import type { SmtpReply } from '../../../network/smtp/types.ts';

/** The point of the dialogue at which a receiver answered last. */
const STAGES = ['greeting', 'ehlo', 'mail-from'] as const;

/** The most lines of a reply that a stamp keeps, and the most characters of a line. */
const MAX_LINES = 50;
const MAX_LINE = 1000;

const line = z.string().max(MAX_LINE);
const name = z.string().max(1024);

/** The schema of what a receiver said. */
export const saidSchema = z.object({
  /** The MX host that was asked, and its address. */
  host: name,
  server: name,
  /** The HELO name and the domain of MAIL FROM. */
  helo: name,
  sender: name,
  stage: z.enum(STAGES),
  reply: z.object({
    code: z.int().min(200).max(599),
    enhanced: z.string().max(20).nullable(),
    lines: z.array(line).max(MAX_LINES).readonly(),
  }),
});

/** What a receiver said. Untrusted: a file or the network has it. */
export type Said = Readonly<z.infer<typeof saidSchema>>;

/** The answer to a claim. */
export type Claim =
  /** The receiver has not been asked today. It is marked as asked now. */
  | { readonly status: 'free' }
  /** It has been asked today. `at` is in milliseconds since the epoch. `said` is `null` when no answer was kept. */
  | { readonly status: 'asked'; readonly at: number | null; readonly said: Said | null }
  /** Stamps cannot be read or written. */
  | { readonly status: 'unusable'; readonly detail: string };

/** The schema of the answer to a claim. */
export const claimSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('free') }),
  z.object({
    status: z.literal('asked'),
    at: z.int().min(0).max(8.64e15).nullable(),
    said: saidSchema.nullable(),
  }),
  z.object({ status: z.literal('unusable'), detail: z.string().max(10_000) }),
]);

/** Keeps when each receiver was asked from each address. No method rejects. */
export interface StampBook {
  /** Claims the right to ask a receiver from an address on the day of `now`, in milliseconds since the epoch (UTC). */
  claim(receiver: string, ip: IpAddress, now: number): Promise<Claim>;
  /** Adds what the receiver said to the stamp of the day. */
  keep(receiver: string, ip: IpAddress, now: number, said: Said): Promise<void>;
  /** Takes the stamp of the day back, because the receiver was not reached. */
  release(receiver: string, ip: IpAddress, now: number): Promise<void>;
}

/** @returns the reply, cut to what a stamp keeps. */
export function cutReply({ code, enhanced, lines }: SmtpReply): Said['reply'] {
  return { code, enhanced, lines: lines.slice(0, MAX_LINES).map((text) => text.slice(0, MAX_LINE)) };
}

/** @returns the day in UTC, as `2026-11-30`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
