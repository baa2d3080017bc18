/** The limits that all SMTP clients of a process share: open connections, and connections and commands per address. */
import type { IpAddress } from '../ip.ts';
import { type Rates, takePlaces } from '../rates.ts';
import { blockOf } from './blocks.ts';
import { Pace } from './pace.ts';
import { Slots } from './slots.ts';

/**
 * Parallel connections to one address. Servers limit them (Postfix to 50, small hosts to far fewer), and two are
 * enough.
 */
export const MAX_CONNECTIONS_PER_ADDRESS = 2;
/** Parallel connections over all addresses. Enough for dozens of hosts, and far below the limit on file descriptors. */
const MAX_CONNECTIONS = 64;
/**
 * Connections to one address over all its ports. A full relay test stays below this limit, even with a test message for
 * every vector, with STARTTLS and with the submission ports. Only a server that provokes many retries reaches it.
 */
const MAX_DIALS_PER_ADDRESS = 90;
/** Commands to one address over all its connections. */
const MAX_COMMANDS_PER_ADDRESS = 600;

/** Parallel connections to one block of addresses, where many targets are checked. */
const MAX_CONNECTIONS_PER_BLOCK = 16;
/**
 * What part of the connections to a block one address of it gets, where many targets are checked. The first ones of an
 * address do not count: they are those that one target may need. A thousand names of one host take more.
 */
const SHARE_OF_ADDRESS = 0.2;

/** How often connections are made to one block of addresses, over all runs. */
export interface BlockRate {
  readonly rates: Rates;
  readonly perSecond: number;
}

export interface BudgetLimits {
  /** Largest number of parallel connections over all addresses. */
  readonly maxConnections?: number;
  /** Largest number of connections to one address: of one run where many targets are checked, else of the process. */
  readonly maxDialsPerAddress?: number;
  /** Largest number of commands to one address, in the same way. */
  readonly maxCommandsPerAddress?: number;
  /** Limits the connections to each block of addresses. Absent: the limits of its addresses are enough. */
  readonly perBlock?: BlockRate;
}

/** What was spent on one address. */
interface Spent {
  dials: number;
  commands: number;
}

/** Counts the connections and commands to each address, and refuses those over the limits. */
export class SmtpBudgets {
  readonly slots: Slots;
  readonly pace: Pace;
  readonly maxDials: number;
  readonly #maxCommands: number;
  readonly #limits: BudgetLimits;
  readonly #spent = new Map<IpAddress, Spent>();

  /** @param shared the open connections and the pace of other runs. None when absent. */
  constructor(limits: BudgetLimits = {}, shared?: Pick<SmtpBudgets, 'slots' | 'pace'>) {
    const { maxConnections, maxDialsPerAddress, maxCommandsPerAddress, perBlock } = limits;
    this.slots =
      shared?.slots ??
      new Slots(
        maxConnections ?? MAX_CONNECTIONS,
        MAX_CONNECTIONS_PER_ADDRESS,
        perBlock === undefined ? undefined : { most: MAX_CONNECTIONS_PER_BLOCK, blockOf },
      );
    this.pace = shared?.pace ?? new Pace();
    this.maxDials = maxDialsPerAddress ?? MAX_DIALS_PER_ADDRESS;
    this.#maxCommands = maxCommandsPerAddress ?? MAX_COMMANDS_PER_ADDRESS;
    this.#limits = limits;
  }

  /**
   * Many targets may have one address, each under another name. What one of them spends is not taken from the others: they
   * wait for their places instead.
   *
   * @returns the budgets for one run. Without limits of blocks, these are the ones for all runs.
   */
  ofRun(): SmtpBudgets {
    return this.#limits.perBlock === undefined ? this : new SmtpBudgets(this.#limits, this);
  }

  /**
   * Waits until another connection may be made to the address and its block.
   *
   * @param signal ends the wait early.
   * @returns the end of the wait, or `null` where the block has no limit.
   */
  takePlace(ip: IpAddress, signal: AbortSignal): Promise<unknown> | null {
    if (this.#limits.perBlock === undefined) return null;
    const { rates, perSecond } = this.#limits.perBlock;
    const ofAddress = { key: `host ${ip}`, perSecond: perSecond * SHARE_OF_ADDRESS, burst: this.maxDials };
    return takePlaces(rates, [{ key: `block ${blockOf(ip)}`, perSecond }, ofAddress], signal);
  }

  /**
   * Counts one connection to the address.
   *
   * @returns whether the limit allows it.
   */
  takeDial(ip: IpAddress): boolean {
    const spent = this.#of(ip);
    if (spent.dials + 1 > this.maxDials) return false;
    spent.dials += 1;
    return true;
  }

  /**
   * Counts `count` commands to the address.
   *
   * @returns whether the limit allows them.
   */
  takeCommands(ip: IpAddress, count: number): boolean {
    const spent = this.#of(ip);
    if (spent.commands + count > this.#maxCommands) return false;
    spent.commands += count;
    return true;
  }

  #of(ip: IpAddress): Spent {
    const spent = this.#spent.get(ip) ?? { dials: 0, commands: 0 };
    this.#spent.set(ip, spent);
    return spent;
  }
}
