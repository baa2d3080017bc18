/**
 * Asks the mail servers of large receivers what they say to this host: greeting, EHLO, STARTTLS if it is offered, EHLO,
 * MAIL FROM, RSET and QUIT (RFC 5321 §4.1.1). No recipient is named and no message is sent. Some receivers have lists of
 * their own that no DNS lookup shows, and say so at the greeting or at MAIL FROM. Each is asked in one connection, at
 * most once a day from one address.
 */
import { allReceivers } from '../../knowledge/receivers/catalogue.ts';
import type { Receiver } from '../../knowledge/receivers/schema.ts';
import { isFailure, recordsOf } from '../../network/dns/answer.ts';
import { hostAddresses } from '../../network/dns/host-addresses.ts';
import { type IpAddress, type IpFamily, ipFamily, specialPurpose } from '../../network/ip.ts';
import type { SmtpFailure, SmtpSession } from '../../network/smtp/types.ts';
import { cutReply } from './asking/cut-reply.ts';
import type { Said } from './asking/stamp-schema.ts';
import { fact, type HostNeeds, hostFact, type Needs } from './fact.ts';
import { heloName } from './helo-name.ts';
import { port25Out } from './port-25-out.ts';
import { vantage } from './vantage.ts';

/** A receiver that can be asked. */
export type Askable = Receiver & { readonly asks: NonNullable<Receiver['asks']> };

/** What came of asking one receiver. */
export type Answer = { readonly receiver: Askable } & (
  | {
      readonly kind: 'answered';
      /** Milliseconds since the epoch. */
      readonly at: number;
      /** Whether an earlier run of the day asked, and this one did not. */
      readonly isEarlier: boolean;
      readonly said: Said;
    }
  /** An earlier run of the day asked, or asks at this moment, and its answer is not known. */
  | { readonly kind: 'lost'; readonly at: number | null }
  /** The domain has no MX record, or no MX host has an address. */
  | { readonly kind: 'no-host' }
  /** No connection was made, or it ended before the dialogue did. */
  | { readonly kind: 'failed'; readonly host: string; readonly failure: SmtpFailure }
  | { readonly kind: 'no-stamp'; readonly detail: string }
);

/** What came of asking the receivers from one address. */
export type AskedReceivers =
  /** This machine is not known to be the host. */
  | { readonly kind: 'not-the-host' }
  /** The address is not public, so no receiver gets mail from it. */
  | { readonly kind: 'not-public' }
  /** The network lets no connection to port 25 out, as the mail server in `shownBy` shows. */
  | { readonly kind: 'port-25-closed'; readonly shownBy: string }
  /** The name of the host is not known. */
  | { readonly kind: 'no-helo' }
  | { readonly kind: 'asked'; readonly answers: readonly Answer[] };

type AskNeeds = HostNeeds<'clock' | 'dns' | 'isNeeded' | 'own' | 'settings' | 'smtp' | 'stamps' | 'target'>;

/** Asks the receivers from one tested address. */
export const askedReceivers = hostFact(async (needs: AskNeeds, ip: IpAddress): Promise<AskedReceivers> => {
  const { facts, settings } = needs;
  if ((await facts(vantage, ip)).kind !== 'self') return { kind: 'not-the-host' };
  // A lab leads the connections elsewhere.
  if (specialPurpose(ip) !== undefined && settings.connectTo === undefined) return { kind: 'not-public' };
  const family = ipFamily(ip);
  const [out, helo, places] = await Promise.all([
    facts(port25Out, family),
    facts(heloName, ip),
    Promise.all(
      askable(family).map(async (receiver) => ({ receiver, place: await facts(placeToAsk, receiver, family) })),
    ),
  ]);
  if (out.kind === 'closed') return { kind: 'port-25-closed', shownBy: out.shownBy };
  // A name in the DNS may have octets that no command can carry.
  const name = helo.name !== null && /^[\x21-\x7e]+$/.test(helo.name) ? helo.name : null;
  if (name === null) return { kind: 'no-helo' };
  const answers = await Promise.all(
    places.map(async ({ receiver, place }): Promise<Answer | null> => {
      if (place === 'other-family') return null;
      return place === 'none' ? { receiver, kind: 'no-host' } : ask(receiver, place, { ip, name }, needs);
    }),
  );
  return { kind: 'asked', answers: answers.filter((answer) => answer !== null) };
});

/** @returns the receivers that take mail over the IP version and say what they think before RCPT. */
function askable(family: IpFamily): Askable[] {
  return allReceivers
    .filter((receiver): receiver is Askable => receiver.asks !== undefined)
    .filter(({ takes }) => takes === undefined || takes.family === family);
}

/** The MX host of a receiver and the address to ask. */
interface Place {
  readonly host: string;
  readonly server: IpAddress;
}

/** The MX hosts of a receiver whose addresses are looked up. The first that has one of the family is asked. */
const MAX_HOSTS = 2;

/**
 * @returns the MX host to ask. `other-family`: the hosts have addresses of the other IP version alone, so that no mail goes
 *   there over this one, or a lookup failed, which every check that uses the fact reports.
 */
const placeToAsk = fact(
  async ({ dns }: Needs<'dns'>, { asks }: Askable, family: IpFamily): Promise<Place | 'none' | 'other-family'> => {
    const answer = await dns.query(asks.domain, 'MX');
    const hosts = recordsOf<'MX'>(answer)
      .toSorted((a, b) => a.preference - b.preference || (a.exchange < b.exchange ? -1 : 1))
      .map(({ exchange }) => exchange)
      .filter((exchange) => exchange !== '')
      .slice(0, MAX_HOSTS);
    if (hosts.length === 0) return isFailure(answer) ? 'other-family' : 'none';
    const found = await Promise.all(hosts.map(async (host) => ({ host, ...(await hostAddresses([host], dns)) })));
    for (const { host, addresses } of found) {
      const server = addresses.find((address) => ipFamily(address) === family);
      if (server !== undefined) return { host, server };
    }
    const isNowhere = found.every(({ addresses, isPartial }) => addresses.length === 0 && !isPartial);
    return isNowhere ? 'none' : 'other-family';
  },
);

/** The host that asks. */
interface Client {
  readonly ip: IpAddress;
  /** Its HELO name. */
  readonly name: string;
}

async function ask(receiver: Askable, place: Place, client: Client, needs: AskNeeds): Promise<Answer> {
  const { clock, own, smtp, stamps } = needs;
  const { id } = receiver;
  const { ip } = client;
  const at = clock.now();
  const claim = await stamps.claim(id, ip, at);
  if (claim.status === 'unusable') return { receiver, kind: 'no-stamp', detail: claim.detail };
  if (claim.status === 'asked') {
    const { said } = claim;
    if (said === null || claim.at === null) return { receiver, kind: 'lost', at: claim.at };
    return { receiver, kind: 'answered', at: claim.at, isEarlier: true, said };
  }
  // Behind NAT the machine does not have the tested address itself.
  const from = own.includes(ip) ? { from: ip } : {};
  const connection = await smtp.connect(place.server, 25, { purpose: `ask ${id}`, takesLimit: true, ...from });
  if (connection.status !== 'connected') {
    // A receiver that took no connection has not been asked.
    if (connection.connected !== true) await stamps.release(id, ip, at);
    return { receiver, kind: 'failed', host: place.host, failure: connection };
  }
  const heard = await dialogue(connection.session, place.host, client.name, needs.target.domain);
  await connection.session.quit();
  if ('status' in heard) return { receiver, kind: 'failed', host: place.host, failure: heard };
  const { stage, reply } = heard;
  const said: Said = {
    host: place.host,
    server: place.server,
    helo: client.name,
    sender: needs.target.domain,
    stage,
    reply: cutReply(reply),
  };
  await stamps.keep(id, ip, at, said);
  return { receiver, kind: 'answered', at, isEarlier: false, said };
}

/** Leads the dialogue up to the first refusal, or to the answer to MAIL FROM. It never names a recipient. */
async function dialogue(
  session: SmtpSession,
  host: string,
  name: string,
  sender: string,
): Promise<Pick<Said, 'stage' | 'reply'> | SmtpFailure> {
  if (session.greeting.code !== 220) return { stage: 'greeting', reply: session.greeting };
  const hello = await session.hello(name);
  if (hello.status !== 'reply') return hello;
  if (hello.reply.code !== 250) return { stage: 'ehlo', reply: hello.reply };
  if (session.extensions.has('STARTTLS')) {
    const started = await session.startTls({ servername: host });
    if (started.status === 'secured') {
      const again = await session.hello(name);
      if (again.status !== 'reply') return again;
      if (again.reply.code !== 250) return { stage: 'ehlo', reply: again.reply };
    } else if (started.status !== 'declined') return started;
  }
  const mail = await session.command(`MAIL FROM:<postmaster@${sender}>`);
  if (mail.status !== 'reply') return mail;
  if (mail.reply.code < 300) await session.command('RSET');
  return { stage: 'mail-from', reply: mail.reply };
}
