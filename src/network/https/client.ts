/**
 * The HTTPS client of a run. Decides which addresses it may connect to, and tries those of a host in their order. It
 * reads nothing from the environment, so no proxy is ever used.
 */
import { abortListeners } from '../abort-listeners.ts';
import type { OnFault } from '../fault.ts';
import { assertAddresses, type GateOptions, type Redirections, redirected, refusal } from '../gate.ts';
import type { IpAddress } from '../ip.ts';
import { Slots } from '../smtp/slots.ts';
import { attemptAt } from './attempt.ts';
import { ABORTED, Lifetime } from './lifetime.ts';
import {
  type HttpsClient,
  type HttpsFailure,
  type HttpsFailureStatus,
  type HttpsOutcome,
  type HttpsRequest,
  wasMade,
} from './types.ts';

const HTTPS_PORT = 443;

/**
 * The addresses of one host that are tried. The owner of a name chooses its addresses, and must not be able to direct
 * mailcheck at many of them.
 */
const MAX_ADDRESSES_TRIED = 4;

/** Parallel connections of a process, over all addresses and to one. A host of policies serves many domains. */
const MAX_CONNECTIONS = 32;
const MAX_CONNECTIONS_PER_ADDRESS = 4;

/** @returns the limits that the HTTPS clients of a process share. */
export function httpsSlots(): Slots {
  return new Slots(MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS);
}

export interface HttpsClientOptions extends GateOptions {
  /** Ends the client: pending requests resolve as `aborted`, and all sockets are destroyed. */
  readonly signal: AbortSignal;
  /** Redirects connections, for labs, tunnels and tests. */
  readonly connectTo?: Redirections;
  /** The limits that the clients of this process share. Absent: the client has its own. */
  readonly slots?: Slots;
  /** CA certificates (PEM) to trust in addition to the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** Milliseconds for a TCP connection to one address. */
  readonly connectMs?: number;
  /** Receives each fault of mailcheck itself. The request then ends as if the run had been aborted. */
  readonly onFault?: OnFault;
}

/** The path of a request: visible ASCII without a fragment, so that it is one word of the request line. */
const PATH = /^\/[\x21\x22\x24-\x7e]*$/;
/** The name of a host, as SNI and `Host` can carry it. */
const HOST = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/**
 * Creates the HTTPS client of a run.
 *
 * @returns a client that does not reject for anything the network does: every failure is a value.
 * @throws RangeError when `connectTo` redirects to something other than an IP address.
 */
export function createHttpsClient(options: HttpsClientOptions): HttpsClient {
  const { signal, connectTo = new Map(), slots = httpsSlots(), extraRoots = [], onFault = () => {} } = options;
  const { connectMs = 10_000 } = options;
  assertAddresses(connectTo);
  const onAbort = abortListeners(signal);
  let requests = 0;

  async function tryAddress(ip: IpAddress, request: HttpsRequest, lifetime: Lifetime): Promise<HttpsOutcome> {
    const refused = await refusal(ip, options);
    if (refused !== undefined) return failure('forbidden', `${ip} is ${refused}`);
    if (lifetime.failure !== null) return lifetime.failure;
    const release = await slots.take(ip, (end) => lifetime.onEnd(end));
    if (release === null) return lifetime.failure ?? ABORTED;
    try {
      return await attemptAt(
        { ip, ...redirected(ip, HTTPS_PORT, connectTo), extraRoots, connectMs },
        request,
        lifetime,
      );
    } catch (error) {
      onFault('the HTTPS client', error);
      return failure('aborted', 'mailcheck broke off by a fault of its own');
    } finally {
      release();
    }
  }

  async function tryAll(request: HttpsRequest, lifetime: Lifetime): Promise<HttpsOutcome> {
    const failures: HttpsFailure[] = [];
    for (const ip of request.addresses.slice(0, MAX_ADDRESSES_TRIED)) {
      const outcome = await tryAddress(ip, request, lifetime);
      if (!isNextTried(outcome) || lifetime.failure !== null) return outcome;
      failures.push(outcome);
    }
    return worst(failures);
  }

  return {
    get requests() {
      return requests;
    },
    async get(request) {
      if (!HOST.test(request.host)) return failure('forbidden', 'the host has no name that a request can carry');
      if (!PATH.test(request.path)) return failure('forbidden', 'the path is none that a request can carry');
      if (signal.aborted) return ABORTED;
      const lifetime = new Lifetime(request.timeoutMs, onAbort);
      try {
        const outcome = await tryAll(request, lifetime);
        if (wasMade(outcome)) requests += 1;
        return outcome;
      } finally {
        lifetime.stop();
      }
    },
  };
}

function failure(status: HttpsFailureStatus, detail: string): HttpsFailure {
  return { status, detail };
}

/** The failures of a connection, from the one that says most about the host to the one that says least. */
const BY_WEIGHT: readonly HttpsFailureStatus[] = [
  'refused',
  'reset',
  'timeout',
  'unreachable',
  'forbidden',
  'no-route',
];

/** @returns whether the next address is tried: nothing was said on this one, and the run goes on. */
function isNextTried(outcome: HttpsOutcome): outcome is HttpsFailure {
  return (
    outcome.status !== 'response' &&
    outcome.status !== 'untrusted' &&
    BY_WEIGHT.includes(outcome.status) &&
    !outcome.isSecured
  );
}

/** @returns the failure that says most about the host. Its detail names what became of each address. */
function worst(failures: readonly HttpsFailure[]): HttpsFailure {
  const detail = failures.map((one) => one.detail).join('; ');
  const [first] = failures.toSorted((a, b) => BY_WEIGHT.indexOf(a.status) - BY_WEIGHT.indexOf(b.status));
  return first === undefined ? failure('no-route', 'the host has no address') : { ...first, detail };
}
