/** Stamps of asked receivers in memory, so that no test writes into the cache folder of a user. */
import { type Claim, dayOf, type StampBook } from '../../src/check/facts/asking/stamp.ts';
import type { Said } from '../../src/check/facts/asking/stamp-schema.ts';
import type { IpAddress } from '../../src/network/ip.ts';

export class NotedStamps implements StampBook {
  /** The stamps by receiver, address and day. */
  readonly stamps = new Map<string, { at: number; said: Said | null }>();
  /** Why no stamp can be written. Each can when absent. */
  readonly fault: string | undefined;

  constructor(fault?: string) {
    this.fault = fault;
  }

  async claim(receiver: string, ip: IpAddress, now: number): Promise<Claim> {
    if (this.fault !== undefined) return { status: 'unusable', detail: this.fault };
    const key = keyOf(receiver, ip, now);
    const known = this.stamps.get(key);
    if (known !== undefined) return { status: 'asked', ...known };
    this.stamps.set(key, { at: now, said: null });
    return { status: 'free' };
  }

  async keep(receiver: string, ip: IpAddress, now: number, said: Said): Promise<void> {
    this.stamps.set(keyOf(receiver, ip, now), { at: now, said });
  }

  async release(receiver: string, ip: IpAddress, now: number): Promise<void> {
    this.stamps.delete(keyOf(receiver, ip, now));
  }
}

const keyOf = (receiver: string, ip: string, now: number): string => `${receiver} ${ip} ${dayOf(now)}`;
