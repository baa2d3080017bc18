/**
 * The stamps of the receivers that were asked: each receiver is asked at most once a day from one address. A stamp also
 * keeps what the receiver said, so that a later run of the day reports it without asking again.
 */
import type { IpAddress } from '../../../network/ip.ts';
import type { Said } from './stamp-schema.ts';

/** The answer to a claim. */
export type Claim =
  /** The receiver has not been asked today. It is marked as asked now. */
  | { readonly status: 'free' }
  /** It has been asked today. `at` is in milliseconds since the epoch. `said` is `null` when no answer was kept. */
  | { readonly status: 'asked'; readonly at: number | null; readonly said: Said | null }
  /** Stamps cannot be read or written. */
  | { readonly status: 'unusable'; readonly detail: string };

/** Keeps when each receiver was asked from each address. No method rejects. */
export interface StampBook {
  /** Claims the right to ask a receiver from an address on the day of `now`, in milliseconds since the epoch (UTC). */
  claim(receiver: string, ip: IpAddress, now: number): Promise<Claim>;
  /** Adds what the receiver said to the stamp of the day. */
  keep(receiver: string, ip: IpAddress, now: number, said: Said): Promise<void>;
  /** Takes the stamp of the day back, because the receiver was not reached. */
  release(receiver: string, ip: IpAddress, now: number): Promise<void>;
}

/** @returns the day in UTC, as `2026-11-30`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
