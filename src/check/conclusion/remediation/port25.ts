/** Says how to get outbound port 25 opened, or which relay to use when the provider does not open it. */
import { relays } from '../../../knowledge/providers/catalogue.ts';
import type { Provider, RelayOffer } from '../../../knowledge/providers/schema.ts';
import { isConfirmed, type Verified } from '../../../knowledge/verification.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { SUBMISSION_PORTS } from '../../../standards/submission-ports.ts';
import { fillCommand, links as linksTo } from '../../rules/pasted.ts';
import { type Step, unsure } from './ptr.ts';

/**
 * The ports on which relays accept mail, in the order of preference. Relays offer further ports besides the standard
 * ones, for customers whose network closes those. Port 25 is left out because it is not for submission.
 */
const RELAY_PORTS: readonly number[] = [...SUBMISSION_PORTS, 2525, 2587, 2465];

/** The offer of a relay, and the data row that it comes from. */
interface Offer {
  readonly offer: RelayOffer;
  readonly row: Verified;
}

/** A relay to recommend. */
export interface RelayAdvice {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly spfInclude: string;
  readonly url: string;
  /** The DKIM records that the relay asks for, in words. */
  readonly dkim: string;
  /** Whether the data about the relay is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
}

/**
 * Picks the relay to recommend to a customer of the provider: the provider's own, else another one.
 *
 * @param now milliseconds since the epoch, to mark data that is too old.
 * @returns the relay, with a port that the provider does not close. `undefined` when no relay listens on such a port.
 */
export function relayFor(provider: Provider | undefined, now: number): RelayAdvice | undefined {
  const closed = provider?.port25.portsClosed ?? [];
  // The data about a provider's own relay is in the provider's row, and as recent and certain as that row.
  const own = provider?.relay ? [{ offer: provider.relay, row: provider }] : [];
  const offers: readonly Offer[] = [...own, ...relays.map((relay) => ({ offer: relay, row: relay }))];
  for (const { offer, row } of offers) {
    const port = RELAY_PORTS.find((candidate) => offer.ports.includes(candidate) && !closed.includes(candidate));
    if (port === undefined) continue;
    const known = relays.find(({ name }) => name === offer.name);
    return {
      name: offer.name,
      host: fillCommand(offer.host, {}).text,
      port,
      spfInclude: offer.spfInclude,
      url: offer.url,
      dkim:
        known === undefined
          ? 'the DKIM records it shows you'
          : `its DKIM as ${known.dkim.style.toUpperCase()} at ${known.dkim.recordNames.length === 1 ? 'one name' : `${known.dkim.recordNames.length} names`}`,
      confirmed: isConfirmed(known ?? row, now),
    };
  }
  return undefined;
}

/** @returns the relay as text for people: its name, host, port, SPF include and DKIM records. */
export function relayText({ name, host, port, spfInclude, dkim, confirmed }: RelayAdvice): string {
  return `${name} (${host} port ${port}, SPF include:${spfInclude}, ${dkim})${confirmationMark(confirmed)}`;
}

/** @returns whether the provider opens port 25 for no customer. */
export function isClosed({ port25 }: Provider): boolean {
  return port25.egress === 'blocked';
}

/**
 * @param now milliseconds since the epoch, to mark data about a provider or relay that is too old.
 * @returns the step to get outbound port 25 opened at a provider. If the provider does not open it, the step names a
 *   relay and is `impossible`.
 */
export function openPort25(provider: Provider, now: number): Step {
  const { port25, status } = provider;
  const name = provider.generic ? 'whoever runs the network (whois names it)' : provider.name;
  const links = linksTo(port25.url);
  if (status !== 'active') {
    const summary = `Nobody opens port 25 at ${name} any more. ${port25.note}`;
    return { summary, commands: [], links, impossible: true };
  }
  if (isClosed(provider) || port25.unblock === 'never') {
    const relay = relayFor(provider, now);
    return {
      summary: `Port 25 cannot be opened at ${name}${unsure(provider, now)}${isClosed(provider) ? '' : ' for most customers'}: send through a relay${relay ? `, such as ${relayText(relay)}` : ''}, or move the mail host elsewhere. ${port25.note}`,
      commands: [],
      links: relay ? [...links, ...linksTo(relay.url)] : links,
      impossible: true,
    };
  }
  const how: Readonly<Record<Provider['port25']['unblock'], string>> = {
    'none-needed': `Outbound port 25 is not closed by ${name} as far as is known: look for a firewall of your own, then ask its support`,
    automatic: `Open outbound port 25 at ${name} yourself`,
    form: `Ask ${name} with its form to open outbound port 25`,
    ticket: `Ask ${name} with a support ticket to open outbound port 25`,
    never: '',
    unknown: `Ask the support of ${name} to open outbound port 25`,
  };
  const conditions =
    port25.unblock === 'automatic' || port25.unblock === 'none-needed' ? '' : ', once the reverse name is set';
  return {
    summary: `${how[port25.unblock]}${unsure(provider, now)}${conditions}. ${port25.note}`,
    commands: [],
    links,
  };
}
