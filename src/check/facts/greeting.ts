/**
 * Reads what a host says on its SMTP port, in one connection: the greeting (RFC 5321 §4.2), the EHLO reply with its
 * extensions (RFC 5321 §4.1.1.1), then STARTTLS if it is offered (RFC 3207). On request it also asks whether the host
 * accepts mail for postmaster.
 */
import { isOverwritten, type OverwrittenPart, overwrittenParts } from '../../knowledge/mail-servers/smtp-inspection.ts';
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
import { type HostNeeds, hostFact } from './fact.ts';
import { leastSure, type Sureness, surenessOf } from './host-memory.ts';
import { mailRoute } from './mx.ts';
import { submissionPorts } from './submission.ts';

/** The beginning of the dialogue: the greeting and the reply to EHLO. */
export type Greeting =
  | {
      readonly kind: 'greeted';
      readonly reply: SmtpReply;
      readonly hello: SmtpResult;
      readonly extensions: ReadonlyMap<string, string>;
      /** The first word of the greeting. `null` when it is not a host name. */
      readonly greetingName: string | null;
      /** The first word of the EHLO reply. `null` when it is not a host name. */
      readonly helloName: string | null;
      readonly transcript: Transcript;
    }
  /** The server accepted the connection but greeted with another code than 220. */
  | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure };

/** @returns the lines of the greeting and of the EHLO reply, in which the mail server may name itself. */
export function greetingText({ reply, hello }: Extract<Greeting, { kind: 'greeted' }>): string {
  return [...reply.lines, ...(hello.status === 'reply' ? hello.reply.lines : [])].join(' ');
}

/** @returns the parts of the greeting and the EHLO reply that a firewall has overwritten. */
export function overwrittenIn(greeting: Greeting, startTls: readonly string[] = []): OverwrittenPart[] {
  if (greeting.kind !== 'greeted') return [];
  const { reply, hello } = greeting;
  const keywords = hello.status === 'reply' ? hello.reply.lines.slice(1) : [];
  return overwrittenParts({ greeting: reply.lines, keywords, startTls });
}

/** @returns whether the TCP connection was established, whatever came of it. */
export function wasReached(greeting: Greeting): boolean {
  return greeting.kind !== 'failed' || greeting.failure.connected === true;
}

/** The result of TLS on a connection, by STARTTLS or from the first byte. */
export type TlsFact =
  | {
      readonly kind: 'secured';
      readonly tls: TlsDetails;
      /** The name sent as SNI. `null` when no name was known. */
      readonly serverName: string | null;
      /** The result of EHLO over TLS. */
      readonly hello: SmtpResult;
      readonly extensions: ReadonlyMap<string, string>;
      /** Whether plaintext came behind the 220 of STARTTLS. It is discarded (RFC 3207 §4.2). */
      readonly hasPlaintext: boolean;
      readonly transcript: Transcript;
    }
  | { readonly kind: 'not-offered'; readonly hello: SmtpReply; readonly transcript: Transcript }
  /** The server offers STARTTLS but answers the command with another code than 220. */
  | { readonly kind: 'declined'; readonly reply: SmtpReply; readonly transcript: Transcript }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure; readonly serverName: string | null }
  /** The dialogue ended before STARTTLS, for the reason in the greeting. */
  | { readonly kind: 'unreached'; readonly greeting: Greeting };

/** @returns whether the handshake succeeded, and the server then did not answer EHLO with 250. */
export function isDeadSession(tls: TlsFact): boolean {
  return tls.kind === 'secured' && (tls.hello.status !== 'reply' || tls.hello.reply.code !== 250);
}

/**
 * The reply to RCPT for postmaster, to MAIL when MAIL was refused, or the failure of STARTTLS. `null` when postmaster was
 * not to be tried.
 */
export type PostmasterFact = { readonly command: string; readonly result: SmtpResult } | null;

/** A command that asks for a user (RFC 5321 §3.5), and the reply to it. */
export interface UserAnswer {
  readonly command: string;
  readonly result: SmtpResult;
}

/** The parts of one connection. Each promise resolves as soon as its part is known. */
export interface Dialogue {
  readonly greeting: Promise<Greeting>;
  readonly tls: Promise<TlsFact>;
  readonly postmaster: Promise<PostmasterFact>;
  readonly users: Promise<readonly UserAnswer[]>;
}

/** The steps to take in one connection. */
export interface DialoguePlan {
  /** The purpose of the connection, for the transcript. */
  readonly purpose: string;
  /** Whether to go on to STARTTLS after EHLO. */
  readonly startTls: boolean;
  /** Whether TLS starts before the greeting (RFC 8314 §3). */
  readonly implicitTls?: boolean;
  /** Gives the name to send as SNI, from the name in the greeting. */
  readonly serverName: (greetingName: string | null) => Promise<string | null>;
  /** Gives the mailbox to try with RCPT, such as `postmaster@example.com`, or `null` to try none. */
  readonly postmaster?: () => Promise<string | null>;
  /** The mailbox to ask for with VRFY and EXPN, if the server lists them. None when absent. */
  readonly user?: string;
}

/** The sources that a dialogue with a host uses. */
export type DialogueSources = 'dns' | 'isNeeded' | 'settings' | 'smtp' | 'target';

type DialogueNeeds = HostNeeds<DialogueSources>;

const dialogue = hostFact(
  async (needs: DialogueNeeds, ip: IpAddress) => {
    const { smtp, settings, target } = needs;
    return startDialogue(smtp, ip, settings.smtpPort, {
      purpose: 'greeting',
      startTls: needs.isNeeded('starttls'),
      serverName: serverNameAt(needs, ip),
      postmaster: async () =>
        settings.activeRcpt && (await exchangeAt(needs, ip)) ? `postmaster@${target.domain}` : null,
      ...(asksUsers(needs, ip) ? { user: `postmaster@${target.domain}` } : {}),
    });
  },
  {
    name: 'dialogue',
    async key(needs, ip) {
      // Whether the host has the mailbox depends on the domain.
      if (needs.settings.activeRcpt) return null;
      const exchange = await exchangeAt(needs, ip);
      const name = exchange ?? needs.target.helo ?? null;
      // A host knows the users of the domains that it receives for.
      return JSON.stringify([ip, name, exchange !== null, needs.isNeeded('starttls'), asksUsers(needs, ip)]);
    },
    async complete({ greeting, tls, users }) {
      const ends = (await users).map(({ result }) => surenessOf(result.status === 'reply' ? null : result));
      return leastSure([surenessOfGreeting(await greeting), surenessOfTls(await tls), ...ends]);
    },
    at: (ip) => ip,
  },
);

function asksUsers({ isNeeded, target }: DialogueNeeds, ip: IpAddress): boolean {
  return isNeeded('users') && target.ips.includes(ip);
}

/** Reads the greeting on the SMTP port of an address: a tested address or the address of an MX host. */
export const greeting = hostFact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<Greeting> => (await facts(dialogue, ip)).greeting,
);

/** Reads the result of STARTTLS on the SMTP port of an address, in the connection of `greeting`. */
export const tls = hostFact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<TlsFact> => (await facts(dialogue, ip)).tls,
);

/**
 * Asks whether an MX host accepts mail for postmaster, in the connection of `greeting`. It asks only with
 * `--active-rcpt`, and gives `null` otherwise.
 */
export const postmaster = hostFact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<PostmasterFact> => (await facts(dialogue, ip)).postmaster,
);

/**
 * Asks a tested host for its postmaster with VRFY and EXPN, in the connection of `greeting`. It asks only what the server
 * lists in its reply to EHLO.
 */
export const users = hostFact(
  async ({ facts }: DialogueNeeds, ip: IpAddress): Promise<readonly UserAnswer[]> => (await facts(dialogue, ip)).users,
);

/** A dialogue on a submission port, with TLS from the first byte on 465, else by STARTTLS. */
const submission = hostFact(
  async (needs: DialogueNeeds, ip: IpAddress, port: number) => {
    const implicitTls = port === IMPLICIT_TLS_PORT;
    const plan = { purpose: 'submission', startTls: true, implicitTls, serverName: serverNameAt(needs, ip) };
    return startDialogue(needs.smtp, ip, port, plan);
  },
  {
    name: 'submission',
    key: async (needs, ip, port) => JSON.stringify([ip, port, await knownName(needs, ip)]),
    complete: async ({ greeting, tls }) => leastSure([surenessOfGreeting(await greeting), surenessOfTls(await tls)]),
    at: (ip) => ip,
  },
);

/** Reads the greeting on a submission port. */
export const submissionGreeting = hostFact(
  async ({ facts }: DialogueNeeds, ip: IpAddress, port: number): Promise<Greeting> =>
    (await facts(submission, ip, port)).greeting,
);

/** Reads the greeting and the result of TLS on a submission port, in one connection. */
export const submissionTls = hostFact(async ({ facts }: DialogueNeeds, ip: IpAddress, port: number) => {
  const { greeting, tls } = await facts(submission, ip, port);
  return { greeting: await greeting, tls: await tls };
});

/** A greeting, and the port that it was read on. */
export interface GreetingAt {
  readonly greeting: Greeting;
  readonly port: number;
}

/**
 * Reads the greeting of a host where it can be read. A network that closes port 25 often leaves the submission ports open,
 * and the same server answers there.
 */
export const greetingAnywhere = hostFact(async (needs: DialogueNeeds, ip: IpAddress): Promise<GreetingAt> => {
  const { facts, settings } = needs;
  const first = { greeting: await facts(greeting, ip), port: settings.smtpPort };
  if (wasReached(first.greeting)) return first;
  const others = await Promise.all(
    submissionPorts(settings, ip).map(async (port) => ({ port, ...(await facts(submissionTls, ip, port)) })),
  );
  const found = others.find((other) => other.greeting.kind === 'greeted');
  return found === undefined ? first : { greeting: found.greeting, port: found.port };
});

/** @returns how far the greeting holds for other runs. A host that lets nobody in may be restarting or full. */
function surenessOfGreeting(greeting: Greeting): Sureness {
  if (greeting.kind === 'rejected') return 'unsure';
  if (greeting.kind === 'failed') return surenessOf(greeting.failure);
  const { hello } = greeting;
  return hello.status === 'reply' ? (hello.reply.code === 250 ? 'sure' : 'unsure') : surenessOf(hello);
}

function surenessOfTls(tls: TlsFact): Sureness {
  if (tls.kind === 'failed') return surenessOf(tls.failure);
  if (tls.kind === 'declined') return 'unsure';
  return tls.kind === 'secured' && tls.hello.status !== 'reply' ? surenessOf(tls.hello) : 'sure';
}

/** @returns the name of the MX host at the address, or `null` when no MX host has it. */
export async function exchangeAt({ facts }: Pick<DialogueNeeds, 'facts'>, ip: IpAddress): Promise<string | null> {
  return (await facts(mailRoute)).hosts.find(({ addresses }) => addresses.includes(ip))?.name ?? null;
}

function serverNameAt(needs: DialogueNeeds, ip: IpAddress): DialoguePlan['serverName'] {
  return async (greetingName) => (await knownName(needs, ip)) ?? greetingName;
}

/** @returns the name of the host at the address, if it is known without a connection. */
async function knownName(needs: DialogueNeeds, ip: IpAddress): Promise<string | null> {
  return (await exchangeAt(needs, ip)) ?? needs.target.helo ?? null;
}

interface Opened {
  readonly greeting: Greeting;
  readonly session: SmtpSession | null;
}

/**
 * Starts a dialogue with a host.
 *
 * @returns the parts of the dialogue. The last one resolves when the connection is closed.
 */
function startDialogue(smtp: SmtpClient, ip: IpAddress, port: number, plan: DialoguePlan): Dialogue {
  const opened = open(smtp, ip, port, plan);
  const secured = opened.then((state) => (plan.startTls ? secure(smtp, state, plan) : unsecured(state)));
  const done = Promise.all([opened, secured]).then(async ([{ session, greeting }, tls]) => {
    const asked = greeting.kind === 'greeted' ? session : null;
    const mailbox = asked ? await plan.postmaster?.() : null;
    // A handshake that failed ended the session, so that postmaster is not asked for.
    const lost = tls.kind === 'failed' ? { command: 'STARTTLS', result: tls.failure } : null;
    const postmaster = asked && mailbox ? (lost ?? (await askFor(asked, mailbox))) : null;
    const users = asked && lost === null && plan.user !== undefined ? await askUsers(asked, greeting, plan.user) : [];
    await session?.quit();
    return { greeting, tls, postmaster, users };
  });
  return {
    // If STARTTLS does not follow, the greeting resolves only after the connection is closed.
    greeting: observed((plan.startTls ? opened : done).then(({ greeting }) => greeting)),
    tls: observed(done.then(({ tls }) => tls)),
    postmaster: observed(done.then(({ postmaster }) => postmaster)),
    users: observed(done.then(({ users }) => users)),
  };
}

async function open(smtp: SmtpClient, ip: IpAddress, port: number, plan: DialoguePlan): Promise<Opened> {
  const { purpose } = plan;
  const servername = plan.implicitTls ? await plan.serverName(null) : null;
  const implicitTls = servername === null ? {} : { servername };
  const connection = await smtp.connect(
    ip,
    port,
    plan.implicitTls ? { purpose, implicitTls } : { purpose, asksSilent: true },
  );
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
    greetingName: nameIn(reply),
    helloName: hello.status === 'reply' && hello.reply.code === 250 ? nameIn(hello.reply) : null,
    transcript,
  };
  return { greeting, session };
}

/** @returns the name with which a reply begins, unless a firewall has overwritten it. */
function nameIn(reply: SmtpReply): string | null {
  const name = hostNameIn(reply);
  return name !== null && isOverwritten(name) ? null : name;
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
    return { kind: 'secured', tls, serverName, hello, extensions, hasPlaintext: false, transcript };
  }
  if (!session.extensions.has('STARTTLS')) return { kind: 'not-offered', hello: hello.reply, transcript };
  const result = await session.startTls(serverName === null ? {} : { servername: serverName });
  if (result.status === 'declined') return { kind: 'declined', reply: result.reply, transcript };
  if (result.status !== 'secured') return { kind: 'failed', failure: result, serverName };
  const again = await session.hello(smtp.probeName);
  const { tls, plaintextAfterReply: hasPlaintext } = result;
  return { kind: 'secured', tls, serverName, hello: again, extensions: session.extensions, hasPlaintext, transcript };
}

/** Tries RCPT for the mailbox that every mail domain must have (RFC 5321 §4.5.1). It sends no message. */
async function askFor(session: SmtpSession, mailbox: string): Promise<PostmasterFact> {
  const mail = 'MAIL FROM:<>';
  const sender = await session.command(mail);
  if (sender.status !== 'reply' || sender.reply.code >= 300) return { command: mail, result: sender };
  const command = `RCPT TO:<${mailbox}>`;
  const result = await session.command(command);
  await session.command('RSET');
  return { command, result };
}

/** Asks for a user with the commands that the server lists. A server that lists EXPN alone knows VRFY too. */
async function askUsers(session: SmtpSession, greeting: Greeting, mailbox: string): Promise<readonly UserAnswer[]> {
  if (greeting.kind !== 'greeted') return [];
  const lists = (keyword: string): boolean => session.extensions.has(keyword) || greeting.extensions.has(keyword);
  const verbs = lists('EXPN') ? ['VRFY', 'EXPN'] : lists('VRFY') ? ['VRFY'] : [];
  const answers: UserAnswer[] = [];
  for (const verb of verbs) {
    const command = `${verb} ${mailbox}`;
    answers.push({ command, result: await session.command(command) });
  }
  return answers;
}
