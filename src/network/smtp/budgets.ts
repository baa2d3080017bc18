/** What the SMTP clients of one process share: how many connections are open, and how often each address was asked. */
import type { IpAddress } from '../ip.ts';
import { Slots } from './slots.ts';

/** Servers limit clients by address (Postfix allows 50, small hosts far fewer); two serve every rule. */
export const MAX_CONNECTIONS_PER_ADDRESS = 2;
/** Enough for dozens of hosts at a time, far below any descriptor limit. */
const MAX_CONNECTIONS = 64;
/**
 * To one address, over all its ports. A full relay test with a test message by every vector, STARTTLS and submission
 * ports included, stays below; only a server that makes the client ask again and again comes near.
 */
const MAX_DIALS_PER_ADDRESS = 60;
const MAX_COMMANDS_PER_ADDRESS = 600;

export interface BudgetLimits {
  /** Connections open at a time, over all addresses. */
  readonly maxConnections?: number;
  /** Connections to one address, in all. */
  readonly maxDialsPerAddress?: number;
  /** Commands to one address, in all. */
  readonly maxCommandsPerAddress?: number;
}

export class SmtpBudgets {
  readonly slots: Slots;
  readonly maxDials: number;
  readonly #maxCommands: number;
  readonly #dials = new Map<string, number>();
  readonly #commands = new Map<string, number>();

  constructor({ maxConnections, maxDialsPerAddress, maxCommandsPerAddress }: BudgetLimits = {}) {
    this.slots = new Slots(maxConnections ?? MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS);
    this.maxDials = maxDialsPerAddress ?? MAX_DIALS_PER_ADDRESS;
    this.#maxCommands = maxCommandsPerAddress ?? MAX_COMMANDS_PER_ADDRESS;
  }

  /** @returns whether one more connection to the address is allowed; it then counts. */
  takeDial(ip: IpAddress): boolean {
    return take(this.#dials, ip, 1, this.maxDials);
  }

  /** @returns whether so many more commands to the address are allowed; they then count. */
  takeCommands(ip: IpAddress, count: number): boolean {
    return take(this.#commands, ip, count, this.#maxCommands);
  }
}

/** @returns whether there was so much left of the budget, which is then spent. */
function take(spent: Map<string, number>, key: string, cost: number, limit: number): boolean {
  const total = (spent.get(key) ?? 0) + cost;
  if (total > limit) return false;
  spent.set(key, total);
  return true;
}
