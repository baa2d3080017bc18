/**
 * What a host says on its SMTP port, in one connection: the greeting, the EHLO reply with the extensions (RFC 5321 §4.2,
 * §4.1.1.1), then STARTTLS where it is offered (RFC 3207), and whether mail for postmaster is taken where that is asked.
 */
import { observed } from '../../network/fault.ts';
import type { IpAddress } from '../../network/ip.ts';
import { hostNameIn } from '../../network/smtp/host-name.ts';
import type {
  SmtpClient,
  SmtpFailure,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  TlsDetails,
  Transcript,
} from '../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type Needs } from './fact.ts';
import { mailRoute } from './mx.ts';

/** How the connection began. */
export type Greeting =
  | {
      readonly kind: 'greeted';
      readonly reply: SmtpReply;
      readonly hello: SmtpResult;
      readonly extensions: ReadonlyMap<string, string>;
      /** First word of the greeting, where it is a host name. */
      readonly greetingName: string | null;
      /** First word of the EHLO reply, where it is a host name. */
      readonly helloName: string | null;
      readonly transcript: Transcript;
    }
  /** Connected, but greeted with 4xx or 5xx. */
  | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure };

/** What STARTTLS, or TLS from the first byte, showed. */
export type TlsFact =
  | {
      readonly kind: 'secured';
      readonly tls: TlsDetails;
      /** Sent as SNI; `null` where no name was known. */
      readonly serverName: string | null;
      /** The second EHLO, behind TLS. */
      readonly hello: SmtpResult;
      readonly extensions: ReadonlyMap<string, string>;
      readonly transcript: Transcript;
    }
  | { readonly kind: 'not-offered'; readonly hello: SmtpReply; readonly transcript: Transcript }
  /** The server offers STARTTLS, but answers it otherwise than with 220. */
  | { readonly kind: 'declined'; readonly reply: SmtpReply; readonly transcript: Transcript }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure; readonly serverName: string | null }
  /** The dialogue ended before STARTTLS; the greeting says why. */
  | { readonly kind: 'unreached'; readonly greeting: Greeting };

/** The reply to RCPT for postmaster (or to MAIL, where that was refused); `null` where it was not asked. */
export type PostmasterFact = { readonly command: string; readonly result: SmtpResult } | null;

/** The parts of one connection; each resolves as soon as it is known. */
export interface Dialogue {
  readonly greeting: Promise<Greeting>;
  readonly tls: Promise<TlsFact>;
  readonly postmaster: Promise<PostmasterFact>;
}

/** What to do in one connection. */
export interface DialoguePlan {
  /** What the connection is for. */
  readonly purpose: string;
  /** Whether to go on to STARTTLS; without it, the connection ends after EHLO. */
  readonly startTls: boolean;
  /** TLS before the greeting (RFC 8314 §3). */
  readonly implicitTls?: boolean;
  /** The name to send as SNI, given the one in the greeting. */
  readonly serverName: (greetingName: string | null) => Promise<string | null>;
  /** The mailbox to ask RCPT for, if any: `postmaster@example.com`. */
  readonly postmaster?: () => Promise<string | null>;
}

/** What a dialogue with a host is made of. */
export type DialogueSources = 'dns' | 'isNeeded' | 'settings' | 'smtp' | 'target';

type DialogueNeeds = Needs<DialogueSources>;

const dialogue = fact(async (needs: DialogueNeeds, ip: IpAddress) => {
  const { smtp, settings, target } = needs;
  return startDialogue(smtp, ip, settings.smtpPort, {
    purpose: 'greeting',
    startTls: needs.isNeeded('starttls'),
    serverName: serverNameAt(needs, ip),
    postmaster: async () =>
      settings.activeRcpt && (await exchangeAt(needs, ip)) ? `postmaster@${target.domain}` : null,
  });
});

/** The greeting on the SMTP port of any address: a tested one, or one of an MX host. */
export const greeting = fact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<Greeting> => (await facts(dialogue, ip)).greeting,
);

/** What STARTTLS showed there, in the same connection. */
export const tls = fact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<TlsFact> => (await facts(dialogue, ip)).tls,
);

/** Whether that host takes mail for postmaster, in the same connection; it is asked with `--active-rcpt` only. */
export const postmaster = fact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<PostmasterFact> => (await facts(dialogue, ip)).postmaster,
);

/** What TLS showed on a submission port: behind STARTTLS, or from the first byte on 465. */
export const submissionTls = fact(async (needs: DialogueNeeds, ip: IpAddress, port: number) => {
  const implicitTls = port === IMPLICIT_TLS_PORT;
  const plan = { purpose: 'submission', startTls: true, implicitTls, serverName: serverNameAt(needs, ip) };
  const started = startDialogue(needs.smtp, ip, port, plan);
  return { greeting: await started.greeting, tls: await started.tls };
});

/** @returns the name of the MX host that has the address; `null` where none has. */
async function exchangeAt({ facts }: DialogueNeeds, ip: IpAddress): Promise<string | null> {
  return (await facts(mailRoute)).hosts.find(({ addresses }) => addresses.includes(ip))?.name ?? null;
}

function serverNameAt(needs: DialogueNeeds, ip: IpAddress): DialoguePlan['serverName'] {
  return async (greetingName) => (await exchangeAt(needs, ip)) ?? needs.target.helo ?? greetingName;
}

interface Opened {
  readonly greeting: Greeting;
  readonly session: SmtpSession | null;
}

/** Starts the dialogue; each part resolves as soon as it is known, the last when the connection is closed. */
export function startDialogue(smtp: SmtpClient, ip: IpAddress, port: number, plan: DialoguePlan): Dialogue {
  const opened = open(smtp, ip, port, plan);
  const secured = opened.then((state) => (plan.startTls ? secure(smtp, state, plan) : unsecured(state)));
  const done = Promise.all([opened, secured]).then(async ([{ session, greeting }, tls]) => {
    const isReady = session !== null && greeting.kind === 'greeted' && tls.kind !== 'failed';
    const mailbox = isReady ? await plan.postmaster?.() : null;
    const postmaster = isReady && mailbox ? await askFor(session, mailbox) : null;
    await session?.quit();
    return { greeting, tls, postmaster };
  });
  return {
    // Where nothing follows the greeting, it resolves only after the connection is closed.
    greeting: observed((plan.startTls ? opened : done).then(({ greeting }) => greeting)),
    tls: observed(done.then(({ tls }) => tls)),
    postmaster: observed(done.then(({ postmaster }) => postmaster)),
  };
}

async function open(smtp: SmtpClient, ip: IpAddress, port: number, plan: DialoguePlan): Promise<Opened> {
  const { purpose } = plan;
  const servername = plan.implicitTls ? await plan.serverName(null) : null;
  const implicitTls = servername === null ? {} : { servername };
  const connection = await smtp.connect(ip, port, plan.implicitTls ? { purpose, implicitTls } : { purpose });
  if (connection.status !== 'connected') return { greeting: { kind: 'failed', failure: connection }, session: null };
  const { session } = connection;
  const { greeting: reply, transcript } = session;
  if (reply.code !== 220) return { greeting: { kind: 'rejected', reply, transcript }, session };
  const hello = await session.hello(smtp.probeName);
  const greeting: Greeting = {
    kind: 'greeted',
    reply,
    hello,
    extensions: session.extensions,
    greetingName: hostNameIn(reply),
    helloName: hello.status === 'reply' && hello.reply.code === 250 ? hostNameIn(hello.reply) : null,
    transcript,
  };
  return { greeting, session };
}

async function unsecured({ greeting }: Opened): Promise<TlsFact> {
  return { kind: 'unreached', greeting };
}

async function secure(smtp: SmtpClient, { greeting, session }: Opened, plan: DialoguePlan): Promise<TlsFact> {
  if (greeting.kind === 'failed' && greeting.failure.status === 'tls-failed') {
    return { kind: 'failed', failure: greeting.failure, serverName: null };
  }
  if (session === null || greeting.kind !== 'greeted') return { kind: 'unreached', greeting };
  const { hello, transcript } = greeting;
  if (hello.status !== 'reply' || hello.reply.code !== 250) return { kind: 'unreached', greeting };
  const serverName = await plan.serverName(greeting.greetingName ?? greeting.helloName);
  if (session.tls) {
    const { tls, extensions } = session;
    return { kind: 'secured', tls, serverName, hello, extensions, transcript };
  }
  if (!session.extensions.has('STARTTLS')) return { kind: 'not-offered', hello: hello.reply, transcript };
  const result = await session.startTls(serverName === null ? {} : { servername: serverName });
  if (result.status === 'declined') return { kind: 'declined', reply: result.reply, transcript };
  if (result.status !== 'secured') return { kind: 'failed', failure: result, serverName };
  const again = await session.hello(smtp.probeName);
  return { kind: 'secured', tls: result.tls, serverName, hello: again, extensions: session.extensions, transcript };
}

/** RFC 5321 §4.5.1: the mailbox that every host must have. Nothing is sent to it. */
async function askFor(session: SmtpSession, mailbox: string): Promise<PostmasterFact> {
  const mail = 'MAIL FROM:<>';
  const sender = await session.command(mail);
  if (sender.status !== 'reply' || sender.reply.code >= 300) return { command: mail, result: sender };
  const command = `RCPT TO:<${mailbox}>`;
  const result = await session.command(command);
  await session.command('RSET');
  return { command, result };
}
