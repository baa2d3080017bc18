/** The limits that all SMTP clients of a process share: open connections, and connections and commands per address. */
import type { IpAddress } from '../ip.ts';
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

export interface BudgetLimits {
  /** Largest number of parallel connections over all addresses. */
  readonly maxConnections?: number;
  /** Largest number of connections to one address during the life of the process. */
  readonly maxDialsPerAddress?: number;
  /** Largest number of commands to one address during the life of the process. */
  readonly maxCommandsPerAddress?: number;
}

/** Counts the connections and commands to each address, and refuses those over the limits. */
export class SmtpBudgets {
  readonly slots: Slots;
  readonly pace = new Pace();
  readonly maxDials: number;
  readonly #maxCommands: number;
  readonly #dials = new Map<string, number>();
  readonly #commands = new Map<string, number>();

  constructor({ maxConnections, maxDialsPerAddress, maxCommandsPerAddress }: BudgetLimits = {}) {
    this.slots = new Slots(maxConnections ?? MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS);
    this.maxDials = maxDialsPerAddress ?? MAX_DIALS_PER_ADDRESS;
    this.#maxCommands = maxCommandsPerAddress ?? MAX_COMMANDS_PER_ADDRESS;
  }

  /**
   * Counts one connection to the address.
   *
   * @returns whether the limit allows it.
   */
  takeDial(ip: IpAddress): boolean {
    return take(this.#dials, ip, 1, this.maxDials);
  }

  /**
   * Counts `count` commands to the address.
   *
   * @returns whether the limit allows them.
   */
  takeCommands(ip: IpAddress, count: number): boolean {
    return take(this.#commands, ip, count, this.#maxCommands);
  }
}

/**
 * Spends `cost` from the budget of `key`.
 *
 * @returns `false`, and spends nothing, when that would exceed `limit`.
 */
function take(spent: Map<string, number>, key: string, cost: number, limit: number): boolean {
  const total = (spent.get(key) ?? 0) + cost;
  if (total > limit) return false;
  spent.set(key, total);
  return true;
}
