/** Says how to get outbound port 25 opened, or which relay to use when the provider does not open it. */
import { relayOf, relays } from '../../../knowledge/providers/catalogue.ts';
import type { Provider, Relay } from '../../../knowledge/providers/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { count } from '../../../report/count.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
import { policyWords } from '../../../report/port25-words.ts';
import { shortName } from '../../../report/short-name.ts';
import { fillCommand, links as linksTo } from '../../rules/pasted.ts';
import { type Step, unsure } from './ptr.ts';
import { relayPorts } from './relay-ports.ts';

/** Where a relay accepts mail for one region. */
interface RelayRegion {
  readonly region: string;
  readonly host: string;
  /** `null` when only the relay's console shows it. */
  readonly spfInclude: string | null;
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
  /** Each region, where the relay has several. The first one is that of `host` and `spfInclude`. */
  readonly regions?: RelayRegion[];
}

/**
 * Picks the relay to recommend to a customer of the provider: the provider's own, else another one.
 *
 * @param now milliseconds since the epoch, to mark data that is too old.
 * @returns the relay, with a port that the provider does not close. `undefined` when no relay listens on such a port.
 */
export function relayFor(provider: Provider | undefined, now: number): RelayAdvice | undefined {
  const open = relayPorts(provider);
  const own = provider?.relay ? relayOf(provider.relay) : undefined;
  const others = relays.filter(({ offeredTo }) => offeredTo === 'everyone');
  for (const relay of own === undefined ? others : [own, ...others]) {
    const port = open.find((candidate) => relay.ports.includes(candidate));
    if (port !== undefined) return adviceOn(relay, port, now);
  }
  return undefined;
}

function adviceOn({ name, endpoints, url, dkim, ...row }: Relay, port: number, now: number): RelayAdvice | undefined {
  const filled = endpoints.map(({ host, ...endpoint }) => ({ ...endpoint, host: fillCommand(host, {}).text }));
  const [usual] = filled;
  if (usual?.spfInclude == null) return undefined;
  const regions = filled.flatMap(({ region, host, spfInclude }) =>
    region === null ? [] : [{ region, host, spfInclude }],
  );
  return {
    name,
    host: usual.host,
    port,
    spfInclude: usual.spfInclude,
    url,
    dkim:
      dkim === null
        ? 'DKIM records from its console'
        : `${count(dkim.recordNames.length, `DKIM ${dkim.style.toUpperCase()} record`)}`,
    confirmed: isConfirmed(row, now),
    ...(regions.length > 1 ? { regions } : {}),
  };
}

/**
 * @returns the relay as text for people: its name, host, port, SPF include and DKIM records. Where the relay has several
 *   regions, the text gives the host and the SPF include of each.
 */
export function relayText({ name, host, port, spfInclude, dkim, confirmed, regions }: RelayAdvice): string {
  const mark = confirmationMark(confirmed);
  const open = /[A-Z][A-Z_]+/.exec(host)?.[0];
  const at = `${host} port ${port}${open === undefined ? '' : ` in your ${open}`}`;
  if (regions === undefined) return `${name} (host ${at}, SPF include:${spfInclude}, ${dkim})${mark}`;
  const places = regions.map(
    (one) =>
      `${one.region} ${one.host}${one.spfInclude === null ? ' with the SPF record from its console' : ` with SPF include:${one.spfInclude}`}`,
  );
  return `${name} (port ${port}, ${dkim}; by region: ${places.join(', ')})${mark}`;
}

/** @returns whether the provider opens port 25 for no customer. */
export function isClosed({ port25 }: Provider): boolean {
  return port25.egress === 'blocked';
}

/** @returns whether a port 25 that was seen to be closed stays closed: the provider opens it on no request. */
export function staysClosed({ port25 }: Provider): boolean {
  return port25.egress === 'blocked' || port25.unblock === 'never';
}

/**
 * @param now milliseconds since the epoch, to mark data about a provider or relay that is too old.
 * @returns the step to get outbound port 25 opened at a provider. If the provider does not open it, the step names a
 *   relay and is `impossible`.
 */
export function openPort25(provider: Provider, now: number): Step {
  const { port25, status } = provider;
  const name = provider.generic ? 'whoever runs the network (whois names it)' : shortName(provider.name);
  const links = linksTo(port25.url);
  const told = (...sentences: readonly string[]): string => sentences.filter((text) => text !== '').join(' ');
  if (status !== 'active') {
    const summary = told(
      `${name} no longer exists${unsure(provider, now)}. Ask the current holder of the address (whois shows it) to unblock outbound port 25.`,
      provider.history ?? '',
      port25.note,
    );
    return { summary, commands: [], alternatives: [], links };
  }
  if (staysClosed(provider)) {
    const relay = relayFor(provider, now);
    return {
      summary: told(
        `${name} does not unblock port 25${isClosed(provider) ? '' : ' for most customers'}${unsure(provider, now)}. Send through a relay${relay ? `, such as ${relayText(relay)}` : ''}, or move the mail server.`,
        port25.note,
      ),
      commands: [],
      alternatives: [],
      links: relay ? [...links, ...linksTo(relay.url)] : links,
      impossible: true,
    };
  }
  const special = askFor(provider, name, unsure(provider, now));
  if (special !== undefined) return { summary: told(special, port25.note), commands: [], alternatives: [], links };
  const how: Readonly<Record<Provider['port25']['unblock'], string>> = {
    'none-needed': `Ask the support of ${name} to unblock outbound port 25`,
    automatic: `Unblock outbound port 25 at ${name} yourself`,
    form: `Use the form of ${name} to unblock outbound port 25`,
    ticket: provider.generic
      ? `Ask ${name} to unblock outbound port 25`
      : `Open a support ticket with ${name} to unblock outbound port 25`,
    never: '',
    unknown: `Ask the support of ${name} to unblock outbound port 25`,
  };
  // Nobody can set the record first where it is not known how, or where the address changes.
  const isPtrSettable = provider.ptr.control !== 'unknown' && provider.ptr.control !== 'none';
  const isAfterPtr = port25.unblock !== 'automatic' && isPtrSettable;
  const ask = `${how[port25.unblock]}${unsure(provider, now)}.`;
  return {
    summary: told(isAfterPtr ? `Once the PTR record is set, ${lowerFirst(ask)}` : ask, port25.note),
    commands: [],
    alternatives: [],
    links,
  };
}

/** @returns what to do at a provider that does not close port 25 for its customers by rule. `undefined` at the others. */
function askFor({ port25 }: Provider, name: string, mark: string): string | undefined {
  switch (port25.egress) {
    case 'open':
      return `${name} ${policyWords(port25)}${mark}, so check your own firewall first, then ask its support.`;
    case 'not-needed':
      return 'You do not need outbound port 25: send through your email service.';
    case 'throttled':
      return `Ask the support of ${name} whether your server may use outbound port 25, and for how many messages: it ${policyWords(port25)}${mark}.`;
    default:
      return undefined;
  }
}
