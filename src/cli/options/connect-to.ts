/** Parses `--connect-to`, which redirects connections to other addresses, for labs and tunnels. */

import { ANYWHERE } from '../../network/gate.ts';
import { parseIp } from '../../network/ip.ts';
import { quoteInput } from '../../usage-error.ts';
import type { HostPort } from './hosts.ts';
import { parsePort } from './numbers.ts';
import { ValueError } from './value-error.ts';

const ADDRESS = String.raw`(\[[0-9A-Fa-f:.]+\]|[0-9.]+):(\d{1,5})`;
const FROM_TO = new RegExp(`^${ADDRESS}:${ADDRESS}$`);
const FROM_ANYWHERE = new RegExp(`^::${ADDRESS}$`);

/**
 * Parses texts such as `203.0.113.5:25:127.0.0.1:2525`, with IPv6 addresses in brackets. An empty first pair
 * (`::127.0.0.1:2525`) means every address and port, as in curl's option of the same name.
 *
 * @returns a map from `ip:port` or `ANYWHERE` to the host and port to connect to instead.
 * @throws ValueError for a text of another form.
 */
export function parseConnectTo(texts: readonly string[]): ReadonlyMap<string, HostPort> {
  return new Map(texts.map(parseOne));
}

function parseOne(text: string): readonly [from: string, to: HostPort] {
  const [, anyHost = '', anyPort = ''] = FROM_ANYWHERE.exec(text.trim()) ?? [];
  const elsewhere = parseIp(anyHost.replace(/[[\]]/g, ''));
  if (elsewhere) return [ANYWHERE, { host: elsewhere, port: parsePort(anyPort) }];
  const [, from = '', fromPort = '', to = '', toPort = ''] = FROM_TO.exec(text.trim()) ?? [];
  const source = parseIp(from.replace(/[[\]]/g, ''));
  const host = parseIp(to.replace(/[[\]]/g, ''));
  if (!source || !host) {
    throw new ValueError(
      `${quoteInput(text)} is not of the form ip:port:ip:port. Type it such as 203.0.113.5:25:127.0.0.1:2525`,
    );
  }
  const key = source.includes(':') ? `[${source}]` : source;
  return [`${key}:${parsePort(fromPort)}`, { host, port: parsePort(toPort) }];
}
