/** Getting outbound port 25 opened, and the relay to send through where nobody opens it. */
import { isGeneric, relays } from '../../../knowledge/providers/catalogue.ts';
import type { Provider, RelayOffer } from '../../../knowledge/providers/schema.ts';
import { SUBMISSION_PORTS } from '../../../standards/submission-ports.ts';
import { type Step, unsure } from './ptr.ts';
import { fillCommand } from './shell.ts';

/**
 * The ports on which relays take mail, in the order of preference. Relays add ports of their own to the standard ones,
 * for customers whose network closes those; port 25 is not for submission.
 */
const RELAY_PORTS: readonly number[] = [...SUBMISSION_PORTS, 2525, 2587, 2465];

export interface RelayAdvice {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly spfInclude: string;
  readonly url: string;
  /** What its DKIM takes. */
  readonly dkim: string;
}

/** @returns the provider's own relay or another one, on a port that the provider leaves open. */
export function relayFor(provider: Provider | undefined): RelayAdvice | undefined {
  const closed = provider?.port25.portsClosed ?? [];
  const offers: readonly RelayOffer[] = [...(provider?.relay ? [provider.relay] : []), ...relays];
  for (const offer of offers) {
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
    };
  }
  return undefined;
}

export function relayText({ name, host, port, spfInclude, dkim }: RelayAdvice): string {
  return `${name} (${host} port ${port}, SPF include:${spfInclude}, ${dkim})`;
}

/** Whether nobody gets port 25 opened there. */
export function isClosed({ port25 }: Provider): boolean {
  return port25.egress === 'blocked';
}

export function openPort25(provider: Provider): Step {
  const { port25, status } = provider;
  const name = isGeneric(provider) ? 'whoever runs the network (whois names it)' : provider.name;
  const links = port25.url === null ? [] : [port25.url];
  if (status !== 'active') {
    const summary = `Nobody opens port 25 at ${name} any more. ${port25.note}`;
    return { summary, commands: [], links, impossible: true };
  }
  if (isClosed(provider) || port25.unblock === 'never') {
    const relay = relayFor(provider);
    return {
      summary: `Port 25 cannot be opened at ${name}${unsure(provider)}${isClosed(provider) ? '' : ' for most customers'}: send through a relay${relay ? `, such as ${relayText(relay)}` : ''}, or move the mail host elsewhere. ${port25.note}`,
      commands: [],
      links: relay ? [...links, relay.url] : links,
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
  return { summary: `${how[port25.unblock]}${unsure(provider)}${conditions}. ${port25.note}`, commands: [], links };
}
