/**
 * The DNS client: a stub resolver that reports what `node:dns` hides, such as the TTL and the difference between a
 * failed and an empty answer. The client asks identical questions once. It retries a question on another server and
 * over TCP before the answer counts as unknown. An aborted run ends every question at once.
 *
 * The client uses no search suffixes and no hosts file, so that it asks the same questions as mail receivers.
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
  /** Aborts at the end of the run. */
  readonly signal: AbortSignal;
  /** The answers to all questions that were sent to the network in this run, in the order of their arrival. */
  readonly log: readonly DnsAnswer[];
  /**
   * Looks up the test entry of a block list (RFC 5782 §5).
   *
   * @param testAddress `127.0.0.2` or `::ffff:7f00:2`
   * @returns whether the zone lists the test entry; `false` for every failure.
   */
  isCanaryListed(testAddress: string, zone: string): Promise<boolean>;
  /** @returns a client that asks these servers instead. It shares the log, but not the cached answers. */
  towards(servers: readonly DnsServer[]): DnsClient;
}

export interface DnsClientOptions {
  readonly servers: readonly DnsServer[];
  readonly signal: AbortSignal;
  /** Milliseconds that one try waits for a reply. */
  readonly tryTimeoutMs?: number;
  /** Milliseconds without a reply after which the next try starts. The first try keeps waiting. */
  readonly retryAfterMs?: number;
  /** The limits and server states that the clients of this process share. Absent: the client has its own. */
  readonly upstreams?: Upstreams;
  /** Parts of query names that must not appear in any answer. */
  readonly secrets?: Secrets;
  /** Receives each fault of mailcheck itself. The question then counts as not answered. */
  readonly onFault?: OnFault;
}

/** Milliseconds. Resolvers give up on a name server after a few seconds, and a question has two tries of 3 s each. */
const TRY_TIMEOUT_MS = 3000;
const RETRY_AFTER_MS = 1500;
/** Milliseconds. The `dnsbl` package does not retry as this client does. */
const CANARY_TIMEOUT_MS = 3000;

/**
 * Creates the DNS client of a run.
 *
 * @returns a client whose methods never reject. It caches answers for its whole life and ignores their TTL.
 */
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

  /** @returns the failure for a fault of this client. A fault loses one answer and does not end the run. */
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

/** @returns NXDOMAIN for a name that no DNS message can contain, because such a name cannot exist. */
export function impossible<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'nxdomain', ttl: null, zone: null };
}
