/** Says what to do about the MX records of a domain, and what was seen of them. */
import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { mxValue, type RecordValue } from '../../../standards/zone-file/line.ts';
import type { Target } from '../../target.ts';
import type { Edit } from '../edit.ts';
import type { Fix } from '../fix.ts';
import { leadToHost, type ProxyEvidence } from '../web-proxy.ts';
import { type ExchangeEvidence, editsOf } from './exchanges.ts';

/** The host that the domain's MX record may name: the tested host, or the domain itself if mail arrives there today. */
export interface Receiver {
  readonly name: string;
  /** `tested`: the name of a tested host, which leads to it. `today`: the host that takes the domain's mail today. */
  readonly as: 'tested' | 'today';
}

/** MX records that stand at a name to which the zone editor appended the zone. */
export interface MisplacedMx {
  readonly at: string;
  readonly zone: string;
  readonly values: readonly RecordValue[];
}

/** What is known where a domain has no MX record. */
export interface NoMx {
  readonly query: QueryEvidence;
  /** The target of the alias, if the domain is one. */
  readonly alias: string | null;
  readonly receiver: Receiver | null;
  readonly misplaced: MisplacedMx | null;
}

export const quoted = (values: readonly string[]): string => values.map((value) => `"MX ${value}"`).join(', ');

const NULL_MX = 'the null MX "0 ." (RFC 7505) if the domain accepts no mail';

/** Continues a message with the alias that the domain is. */
export const aliasText = (name: string, alias: string | null): string =>
  alias === null ? '' : ` ${name} is an alias (CNAME) of ${alias}, so its MX and TXT records come from there.`;

export const misplacedText = (misplaced: MisplacedMx | null): string =>
  misplaced === null
    ? ''
    : ` Its MX records are at ${misplaced.at}: the zone editor appended ${misplaced.zone} to the name.`;

/** @returns what to do for a domain without MX record. Nobody is named as its mail host who is not known to be one. */
export function publishMx({ query: { name }, alias, receiver, misplaced }: NoMx): Fix {
  if (alias !== null) {
    return {
      summary: `Replace the CNAME of ${name} with address records for the addresses of ${alias}, then publish an MX record at ${name}: a name with a CNAME cannot have an MX record. Or use another domain as the envelope sender.`,
    };
  }
  if (misplaced !== null) {
    return {
      summary: `Publish the MX records of ${misplaced.at} at ${name}. Type the full name with a final dot, or only the part before ${misplaced.zone}.`,
      edits: [addMx(name, misplaced.values, `moves the MX records from ${misplaced.at}`)],
    };
  }
  if (receiver === null) {
    return {
      summary: `Publish an MX record with the name of the host that receives mail for ${name}, such as your provider’s mail server.`,
    };
  }
  const why = receiver.as === 'today' ? 'the host that receives its mail today' : 'the tested host';
  return {
    summary: `Publish an MX record that names ${receiver.name}, ${why}. If another host receives mail for ${name}, use its name instead.`,
    edits: [
      addMx(
        name,
        [mxValue({ preference: 10, exchange: receiver.name })],
        `names ${receiver.name} as the host that receives mail`,
      ),
    ],
  };
}

function addMx(name: string, add: readonly RecordValue[], because: string): Edit {
  return { record: 'MX', name, change: { do: 'values', add, remove: [], because } };
}

/** Says what is wrong with a name that has no address. */
export function slipText({ meant, instead, isMisspelt }: ExchangeEvidence): string {
  if (isMisspelt) return ` It looks like a misspelling of ${instead}, the tested host.`;
  switch (meant?.slip) {
    case undefined:
      return '';
    case 'zone-appended':
      return ` The final dot is missing after ${meant.name}, so the zone editor appended ${meant.zone}.`;
    case 'zone-missing':
      return ` It was typed with a final dot, so the zone editor did not append ${meant.zone}: the name should be ${meant.name}.`;
    case 'ending-doubled':
      return ` Its ending appears twice: the name should be ${meant.name}.`;
    case 'record-misplaced':
      return ` Its address record is at ${meant.at}: the zone editor appended ${meant.zone} to the name.`;
  }
}

/** Says why nobody outside can reach a host, where the name or the address alone tells. */
export const localText = ({ name }: ExchangeEvidence): string =>
  `"${name}" is a local name that does not exist on the internet, so senders cannot deliver to it.`;

/** @returns what to do about MX records that name something that no sender can reach. */
export function replaceLocal(exchange: ExchangeEvidence): Fix {
  const { published, owner, change } = exchange;
  return change === 'goes'
    ? { summary: `Delete ${quoted(published)} of ${owner} and keep the other MX records.`, edits: editsOf(exchange) }
    : {
        summary: `Replace ${quoted(published)} of ${owner} with an MX record for the host that receives its mail, or with ${NULL_MX}.`,
      };
}

/** @returns what to do about an MX host without address. */
export function findHost(exchange: ExchangeEvidence): Fix {
  const { name, owner, published, instead, meant, isLocal, alias, brokenAlias, addressless } = exchange;
  if (isLocal) return replaceLocal(exchange);
  const edits = editsOf(exchange);
  if (instead !== null && exchange.replacing.length === 0) {
    const summary = `Delete ${quoted(published)} of ${owner}: another MX record already names ${instead}, the intended host.`;
    return { summary, edits };
  }
  if (instead !== null) {
    const zone = meant?.slip === 'zone-appended' && instead.endsWith(`.${meant.zone}`) ? meant.zone : undefined;
    const short = zone === undefined ? '' : `, or only ${instead.slice(0, -zone.length - 1)}`;
    const isDot = meant !== null && meant.slip !== 'ending-doubled';
    const dot = !isDot ? '' : ` Type the full name with its final dot (${instead}.)${short}.`;
    const also = brokenAlias === null ? '' : ` Correct the CNAME record of ${brokenAlias} too.`;
    const first = meant?.addresses.length === 0 ? ` ${instead} also needs an address record.` : '';
    return {
      summary: `Change the MX record of ${owner} from ${name} to ${instead}.${dot}${also}${first}`,
      edits,
    };
  }
  if (addressless !== null) {
    const how = meant === null ? '' : ` Type the full name with its final dot (${name}.).`;
    return { summary: `Publish the address record of ${name}.${how}`, edits };
  }
  const target =
    alias === null ? `Create an address record for ${name}` : `Point ${name} to a host that has an address`;
  return { summary: `${target}, or delete ${quoted(published)} of ${owner}.` };
}

/** What is known of an MX host that is behind a web proxy. */
export interface Proxied {
  readonly name: string;
  readonly port: number;
  readonly proxy: ProxyEvidence;
  /** The tested addresses of the host. */
  readonly tested: readonly string[];
  /** Whether the domain has no MX record, so that its own address is the mail host. */
  readonly isImplicit: boolean;
}

/** @returns what takes an MX host out of the proxy. A domain without MX record gets one. */
export function outOfProxy({ name, proxy, tested, isImplicit }: Proxied, target: Target): Fix {
  const fix = leadToHost(name, proxy, tested, target);
  return isImplicit ? { ...fix, summary: `Publish an MX record that names the mail host. ${fix.summary}` } : fix;
}
