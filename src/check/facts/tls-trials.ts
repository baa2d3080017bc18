/**
 * The TLS handshakes that are tried with a host besides its first one: each TLS version, weak cipher suites, and no name.
 * A trial needs a connection in which nothing was secured yet. The relay test has such connections, and lets the trials of
 * a tested host take place at their end: so they need none of their own.
 */
import type { IpAddress } from '../../network/ip.ts';
import type { HandshakeLimits, SmtpClient } from '../../network/smtp/types.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { type DialogueSources, isDeadSession, tls } from './greeting.ts';
import { type Handshake, handshake, sni } from './handshake.ts';
import { surenessOf } from './host-memory.ts';

/** The TLS versions to try, from the oldest to the newest. */
export const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof VERSIONS)[number];

/** A handshake that offers the versions that RFC 8996 has taken back. */
export const OLD = 'TLSv1 and TLSv1.1';

/** A handshake that does not name the host. */
export const UNNAMED = 'without SNI';

/** What a handshake tries. */
export type Trial = Version | typeof OLD | typeof UNNAMED | 'without SNI, again' | 'weak suites';

/** Security level 0 lets OpenSSL offer old versions and suites too, so that a refusal comes from the server. */
const LEGACY = 'DEFAULT@SECLEVEL=0';
/** The suites that RFC 9325 §4.1 forbids. */
const WEAK_SUITES = 'eNULL:RC4:3DES:EXPORT:DES';
/**
 * The suites without authentication. They count as weak on submission ports only: mail servers do not authenticate each
 * other (RFC 7435).
 */
const ANONYMOUS_SUITES = 'aNULL';

/** @returns whether this machine's TLS library can make the handshake. */
export async function canTry(smtp: SmtpClient, trial: Trial, isSubmission: boolean): Promise<boolean> {
  if (trial !== OLD) return smtp.canOffer(limitsOf(trial, isSubmission));
  const each = await Promise.all(VERSIONS.slice(0, 2).map((version) => smtp.canOffer(limitsOf(version, isSubmission))));
  return each.every((canOffer) => canOffer);
}

/** @returns the versions and suites that the handshake offers. */
export function limitsOf(trial: Trial, isSubmission: boolean): HandshakeLimits {
  switch (trial) {
    case UNNAMED:
    case 'without SNI, again':
      return {};
    case 'weak suites':
      return {
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.2',
        ciphers: `${WEAK_SUITES}${isSubmission ? `:${ANONYMOUS_SUITES}` : ''}:@SECLEVEL=0`,
      };
    case OLD:
      return { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: LEGACY };
    default:
      return { minVersion: trial, maxVersion: trial, ciphers: LEGACY };
  }
}

/** @returns the round trips of the handshake with most hosts. They take TLS 1.2, and refuse what is older or weak. */
export function tripsOf(trial: Trial): number {
  return trial === 'TLSv1.2' || trial === 'TLSv1.3' ? 5 : 1;
}

/** @returns whether nothing but the offer can be the cause of the result: the host takes it, or refuses it by an alert. */
export function isCertain(result: Handshake): boolean {
  return 'tls' in result || (result.failure.status === 'tls-failed' && /_ALERT_/.test(result.failure.errno ?? ''));
}

/** A handshake that another connection may make, and the name to send as SNI. */
export interface WantedTrial {
  readonly trial: Trial;
  readonly serverName: string | null;
}

/**
 * Tells which handshakes are tried with the SMTP port of a tested address, if its first one succeeded. Which others follow
 * depends on their results.
 */
export const wantedTrials = hostFact(
  async ({ facts, isNeeded, smtp }: HostNeeds<DialogueSources>, ip: IpAddress): Promise<readonly WantedTrial[]> => {
    if (!isNeeded('tls-trials')) return [];
    const first = await facts(tls, ip);
    if (first.kind !== 'secured') return [];
    const { serverName } = first;
    const isAlive = !isDeadSession(first);
    const isKnown = (trial: Trial): boolean => isAlive && trial === first.tls.protocol;
    const trials: readonly Trial[] = [OLD, ...VERSIONS.slice(2).filter((version) => !isKnown(version)), 'weak suites'];
    const possible = await Promise.all(trials.map((trial) => canTry(smtp, trial, false)));
    const named = trials.filter((_, index) => possible[index]).map((trial) => ({ trial, serverName }));
    return isAlive && serverName !== null ? [{ trial: UNNAMED, serverName: null }, ...named] : named;
  },
);

/** The trials of one host that the connections of another test make. */
export class Carriage {
  readonly #results = new Map<Trial, Handshake>();
  #isExpected = false;
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  /** Says that another test will make connections, and call `end`. */
  expect(): void {
    this.#isExpected = true;
  }

  /** Notes what a trial has brought. */
  bring(trial: Trial, result: Handshake): void {
    this.#results.set(trial, result);
  }

  /** Says that the other test makes no further trial. */
  end(): void {
    this.#end();
  }

  /** @returns the result of the trial, or `null` if nobody makes it. */
  async resultOf(trial: Trial): Promise<Handshake | null> {
    if (this.#isExpected) await this.#ended;
    return this.#results.get(trial) ?? null;
  }
}

/** The trials with the SMTP port of an address that the relay test makes. */
export const carriage = hostFact(async (_: HostNeeds<never>, _ip: IpAddress) => new Carriage());

/**
 * Makes one of these handshakes. Which versions and suites a server takes does not depend on the name, as its certificate
 * does. Only a server that took no handshake with this name is asked with this name.
 */
export const handshakeOf = hostFact(
  async (
    needs: HostNeeds<'smtp' | 'settings'>,
    ip: IpAddress,
    port: number,
    isSubmission: boolean,
    trial: Trial,
    serverName: string | null,
    isNameTaken: boolean,
  ): Promise<Handshake> => {
    const isCarried = isNameTaken && !isSubmission && port === needs.settings.smtpPort;
    const brought = isCarried ? await (await needs.facts(carriage, ip)).resultOf(trial) : null;
    const options = { ...limitsOf(trial, isSubmission), ...sni(serverName) };
    return brought ?? handshake(needs, { ip, port, isSubmission }, trial, options);
  },
  {
    name: 'handshake',
    key: (_, ip, port, isSubmission, trial, serverName, isNameTaken) =>
      JSON.stringify([ip, port, isSubmission, trial, isNameTaken ? null : serverName, isNameTaken]),
    complete: async (result) => surenessOf('tls' in result ? null : result.failure),
    at: (ip) => ip,
  },
);
