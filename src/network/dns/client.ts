/**
 * The DNS client: a stub resolver that keeps what `node:dns` hides. Identical questions are asked once, retried on
 * another server and over TCP before anything is called unknown, and an aborted run ends every question at once.
 *
 * No search suffixes, no hosts file: what is asked is what receivers would ask.
 */
import type { OnFault } from '../fault.ts';
import { type DnsAnswer, type DnsFailure, type RecordType, type Resolver, unasked } from './answer.ts';
import { AskedOnce } from './asked-once.ts';
import { Asker } from './asker.ts';
import { isCanaryListed } from './canary.ts';
import { isEncodable } from './message.ts';
import { redactor, type Secrets } from './redact.ts';
import { resolve } from './resolve.ts';
import type { DnsServer } from './servers.ts';
import { brokenOff } from './transport.ts';
import { Upstreams } from './upstreams.ts';

export interface DnsClient extends Resolver {
  readonly servers: readonly DnsServer[];
  /** Aborted at the end of the run. */
  readonly signal: AbortSignal;
  /** Every question of this run that went to the network, in the order the answers came. */
  readonly log: readonly DnsAnswer[];
  /**
   * Asks, through a package of its own, for a block list's test entry (RFC 5782 §5).
   *
   * @param testAddress `127.0.0.2` or `::ffff:7f00:2`
   * @returns whether it is listed in the zone; `false` for any failure.
   */
  isCanaryListed(testAddress: string, zone: string): Promise<boolean>;
  /** A client that asks these servers instead, with answers of its own and the same log. */
  towards(servers: readonly DnsServer[]): DnsClient;
}

export interface DnsClientOptions {
  readonly servers: readonly DnsServer[];
  readonly signal: AbortSignal;
  /** How long one try waits for a reply, in milliseconds. */
  readonly tryTimeoutMs?: number;
  /** After how many milliseconds of silence the next try starts, while the first still listens. */
  readonly retryAfterMs?: number;
  /** What other clients of this process share with it; its own when absent. */
  readonly upstreams?: Upstreams;
  /** Parts of query names that no answer may show. */
  readonly secrets?: Secrets;
  /** Called with a fault of mailcheck itself; the question then counts as not answered. */
  readonly onFault?: OnFault;
}

/** Resolvers give up on a name server after some seconds; a question has two tries of 3 s each. */
const TRY_TIMEOUT_MS = 3000;
const RETRY_AFTER_MS = 1500;
/** The canary goes through a package that does not retry as we do. */
const CANARY_TIMEOUT_MS = 3000;

export function createDnsClient(options: DnsClientOptions): DnsClient {
  return clientOf(options, []);
}

function clientOf(options: DnsClientOptions, log: DnsAnswer[]): DnsClient {
  const { servers, signal, upstreams = new Upstreams(), onFault = () => {} } = options;
  const { limit } = upstreams;
  const { tryTimeoutMs: timeoutMs = TRY_TIMEOUT_MS, retryAfterMs = RETRY_AFTER_MS } = options;
  const asker = new Asker({ servers, upstreams, signal, timeoutMs, retryAfterMs, onFault });
  const redact = redactor(options.secrets ?? new Map());
  const answers = new AskedOnce();

  /** A fault of this client costs one answer, and no more. */
  function broken(name: string, type: RecordType, error: unknown): DnsFailure {
    const { kind: status, detail } = brokenOff(onFault, error);
    return { ...unasked(name, type), status, detail };
  }

  async function ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const answer = redact(
      await resolve(name, type, { asker, limit, signal }).catch((error: unknown) => broken(name, type, error)),
    );
    log.push(answer);
    // `interpret` read the data as `type`, which is T here.
    return answer as DnsAnswer<T>;
  }

  return {
    servers,
    signal,
    log,
    isCanaryListed: (testAddress, zone) =>
      isCanaryListed(testAddress, zone, { servers, timeoutMs: CANARY_TIMEOUT_MS, signal }),
    towards: (others) => clientOf({ ...options, upstreams, servers: others }, log),
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      if (!isEncodable(name)) return Promise.resolve(redact(impossible(name, type)));
      return answers.answer(name, type, () => ask(name, type));
    },
  };
}

/** @returns the answer for a name that no message can carry: it cannot exist. */
export function impossible<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'nxdomain', ttl: null, zone: null };
}
