/** Facts: what was observed once and is shared by every rule that asks. */

import { chooseLists } from '../../knowledge/lists/catalogue.ts';
import type { Resolver } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import type { IpAddress, IpFamily } from '../../network/ip.ts';
import type { SmtpClient } from '../../network/smtp/types.ts';
import type { MessageVerification } from '../../standards/dkim/message.ts';
import type { SigningKeyReading } from '../../standards/dkim/private-key.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';
import { type DkimFact, gatherDkim } from './dkim.ts';
import { type DmarcFact, gatherDmarc } from './dmarc.ts';
import { type EgressFact, gatherEgress } from './egress.ts';
import { type Greeting, type PostmasterFact, startDialogue, type TlsFact } from './greeting.ts';
import { gatherHeloName, type HeloName } from './helo-name.ts';
import { type LivenessFact, livenessFact } from './list-liveness.ts';
import { type KeyedFact, once, oncePer } from './memo.ts';
import { gatherMessage, type MessageFact } from './message.ts';
import { gatherMailRoute, type MailRoute } from './mx.ts';
import { type Neighbourhood, surveyNeighbours } from './neighbours.ts';
import { gatherProvider, type ProviderFact } from './provider.ts';
import { gatherPtr, type PtrFact } from './ptr.ts';
import { gatherPublicAddress } from './public-address.ts';
import { type SpfFacts, spfFacts } from './spf.ts';
import { IMPLICIT_TLS_PORT } from './submission.ts';
import { gatherVantage, type Vantage, vantageTowards } from './vantage.ts';

export interface Facts extends SpfFacts {
  mailRoute(): Promise<MailRoute>;
  ptr(ip: IpAddress): Promise<PtrFact>;
  /** The greeting on the SMTP port of any address: tested, or of an MX host. */
  greeting(ip: IpAddress): Promise<Greeting>;
  /** What STARTTLS showed there, in the same connection. */
  tls(ip: IpAddress): Promise<TlsFact>;
  /** Whether that host takes mail for postmaster, in the same connection; not asked without `--active-rcpt`. */
  postmaster(ip: IpAddress): Promise<PostmasterFact>;
  /** What TLS showed on a submission port; behind STARTTLS, or from the first byte on 465. */
  submissionTls(ip: IpAddress, port: number): Promise<{ readonly greeting: Greeting; readonly tls: TlsFact }>;
  readonly heloName: KeyedFact<IpAddress, HeloName>;
  /** Where the check is run from, seen from the host; may be asked outside. */
  readonly vantage: KeyedFact<IpAddress, Vantage>;
  /** As far as this machine's own addresses tell. */
  vantageFromHere(ip: IpAddress): Vantage;
  /** Whether this machine, where it is the host, reaches other mail servers. */
  egress(): Promise<EgressFact>;
  dkim(): Promise<DkimFact>;
  /** What the message the user gave shows; `null` where none was. */
  message(): Promise<MessageFact | null>;
  dmarc(): Promise<DmarcFact>;
  /** Where the address lives. */
  readonly provider: KeyedFact<IpAddress, ProviderFact>;
  /** Whether a block list passes its test entries. */
  readonly listLiveness: LivenessFact;
  /** How many addresses around one are listed; only asked for where the user wants them looked up. */
  readonly neighbours: KeyedFact<IpAddress, Neighbourhood | undefined>;
}

export function createFacts(sources: {
  target: Target;
  dns: DnsClient;
  smtp: SmtpClient;
  settings: Settings;
  /** For what depends on the date, such as selectors named after it. */
  clock: { now(): number };
  token: Token;
  /** The addresses of this machine. */
  own: readonly IpAddress[];
  /** The key the host will sign with, where the user showed it. */
  signingKey: SigningKeyReading | null;
  /** What the user's message is worth, with keys fetched through the resolver; `null` where there is none. */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Whether some rule wants to see TLS: connections for a greeting then go on to STARTTLS. */
  startTls?: boolean;
  /** Whether other mail servers may be connected to. */
  egress?: boolean;
}): Facts {
  const { target, dns, smtp, settings, clock, token, own, startTls = false, egress = false } = sources;
  const ptr = oncePer((ip: IpAddress) => gatherPtr(dns, ip));
  const { allowPrivate, whoamiName = '' } = settings;
  const publicAddress = oncePer((family: IpFamily) => gatherPublicAddress(dns, whoamiName, family, { allowPrivate }));
  const vantage = oncePer((ip: IpAddress) =>
    gatherVantage(ip, own, settings.vantage, settings.whoamiName === undefined ? {} : { publicAddress }),
  );
  const mailRoute = once(() => gatherMailRoute(dns, target.domain));
  const exchangeAt = async (ip: IpAddress): Promise<string | null> =>
    (await mailRoute()).hosts.find(({ addresses }) => addresses.includes(ip))?.name ?? null;
  const serverNameAt = (ip: IpAddress) => async (greetingName: string | null) =>
    (await exchangeAt(ip)) ?? target.helo ?? greetingName;
  const dialogue = oncePer(async (ip: IpAddress) =>
    startDialogue(smtp, ip, settings.smtpPort, {
      purpose: 'greeting',
      startTls,
      serverName: serverNameAt(ip),
      postmaster: async () => (settings.activeRcpt && (await exchangeAt(ip)) ? `postmaster@${target.domain}` : null),
    }),
  );
  const submissionAt = oncePer(async (ip: IpAddress) =>
    oncePer(async (port: number) => {
      const implicitTls = port === IMPLICIT_TLS_PORT;
      const plan = { purpose: 'submission', startTls: true, implicitTls, serverName: serverNameAt(ip) };
      const { greeting, tls } = startDialogue(smtp, ip, port, plan);
      return { greeting: await greeting, tls: await tls };
    }),
  );
  const greeting = async (ip: IpAddress) => (await dialogue(ip)).greeting;
  const heloName = oncePer((ip: IpAddress) => gatherHeloName(ip, target.helo, { greeting, ptr }));
  const listLiveness = livenessFact(dns);
  const dmarc = once(() => gatherDmarc(dns, target.domain));
  return {
    mailRoute,
    ptr,
    greeting,
    tls: async (ip) => (await dialogue(ip)).tls,
    postmaster: async (ip) => (await dialogue(ip)).postmaster,
    submissionTls: async (ip, port) => (await submissionAt(ip))(port),
    heloName,
    ...spfFacts(dns, { target, facts: { heloName }, now: () => clock.now() }),
    provider: oncePer((ip: IpAddress) =>
      gatherProvider(dns, ip, {
        ptr,
        provider: settings.provider,
        asnLookup: settings.asnLookup ?? true,
        allowPrivate: settings.allowPrivate,
      }),
    ),
    listLiveness,
    neighbours: oncePer((ip: IpAddress) => {
      const { dnsblZones: zones, dnsblExcept: except, listKeys: keys } = settings;
      return surveyNeighbours(dns, listLiveness, chooseLists({ zones, except, keys }).asked, ip);
    }),
    vantage,
    egress: once(async () =>
      egress ? gatherEgress({ target, dns, smtp, settings, own, vantage }) : { kind: 'untested', why: 'not-wanted' },
    ),
    vantageFromHere: (ip) => vantageTowards(ip, own, settings.vantage),
    dmarc,
    message: once(async () => {
      const verification = await sources.verifyMessage(dns);
      return verification && gatherMessage(dns, target.domain, { verification, dmarc });
    }),
    dkim: once(() =>
      gatherDkim(dns, target.domain, {
        selectors: target.selectors,
        signingKey: sources.signingKey,
        now: clock.now(),
        token,
        mailRoute,
      }),
    ),
  };
}
