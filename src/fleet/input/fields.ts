/** Reads a target from the fields of one line, whatever form the line has. */
import { parseHelo, parseSelector } from '../../check/target.ts';
import { providerOf } from '../../knowledge/providers/catalogue.ts';
import { parseDomain } from '../../network/domain.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { type FleetTarget, targetId, type UnreadLine } from '../target.ts';

/** The fields of a line, as texts. */
export interface Fields {
  readonly domain: string;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly selectors?: readonly string[];
  readonly provider?: string;
  readonly tags?: readonly string[];
}

/** The most values of one field of a target. A pool of senders has some dozens of addresses. */
export const MAX_VALUES = 100;

/** The longest tag, in characters. */
export const MAX_TAG = 200;

/** @returns the target that the fields name, or why they name none. */
export function targetOf(fields: Fields, place: string): FleetTarget | UnreadLine {
  try {
    return readTarget(fields, place);
  } catch (error) {
    if (error instanceof UsageError) return { place, error: error.message };
    throw error;
  }
}

function readTarget(fields: Fields, place: string): FleetTarget {
  const domain = parseDomain(fields.domain.trim());
  if (!domain) throw new UsageError(`${quoteInput(fields.domain.trim())} is not a domain name such as example.com`);
  const helo = fields.helo?.trim() ?? '';
  const provider = fields.provider?.trim() ?? '';
  const named = {
    domain,
    ips: distinct('address', fields.ips).map(ipOf),
    selectors: distinct('selector', fields.selectors).map(parseSelector),
    ...(helo === '' ? {} : { helo: parseHelo(helo) }),
    ...(provider === '' ? {} : { provider: providerIdOf(provider) }),
  };
  const target = { ...named, ips: [...new Set(named.ips)], selectors: [...new Set(named.selectors)] };
  return { id: targetId(target), place, ...target, tags: tagsOf(fields.tags) };
}

function distinct(what: string, texts: readonly string[] = []): string[] {
  const values = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
  if (values.length > MAX_VALUES) throw new UsageError(`one ${what} too many: a target has at most ${MAX_VALUES}`);
  return values;
}

function ipOf(text: string): IpAddress {
  const ip = parseIp(text.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1'));
  if (ip) return ip;
  throw new UsageError(`${quoteInput(text)} is not an IP address such as 203.0.113.5 or 2001:db8::5`);
}

function providerIdOf(text: string): string {
  const provider = providerOf(text.toLowerCase());
  if (provider) return provider.id;
  throw new UsageError(`there is no provider ${quoteInput(text)}. Type: mailcheck providers`);
}

function tagsOf(texts: readonly string[] | undefined): string[] {
  const tags = distinct('tag', texts);
  const long = tags.find((tag) => tag.length > MAX_TAG);
  if (long !== undefined) throw new UsageError(`the tag ${quoteInput(long)} is longer than ${MAX_TAG} characters`);
  return tags;
}
