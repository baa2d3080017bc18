/** Plays the server in one scripted connection. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Issued } from './certificates.ts';
import { closed } from './smtp-policies.ts';
import type { Drop, ServedSession, SmtpScript, Step, TlsScript } from './smtp-script.ts';

export class Conversation {
  readonly #script: SmtpScript;
  readonly #session: ServedSession;
  readonly #tcp: Socket;
  #socket: Socket;
  #input = '';
  #hello = '';
  #sender: string | null = null;
  #recipients = 0;
  #message: string[] | null = null;
  #errors = 0;
  readonly #reached = new Map<Step, number>();
  /** The queue of replies, which keeps their order even with a tarpit. */
  #output: Promise<void> = Promise.resolve();
  #paused = false;
  /** Whether the script made the server close the connection. */
  #gone = false;

  constructor(socket: Socket, script: SmtpScript, session: ServedSession) {
    this.#tcp = socket;
    this.#socket = socket;
    this.#script = script;
    this.#session = session;
  }

  begin(): void {
    this.#tcp.on('error', () => {});
    if (this.#cut('connect')) return;
    const { name = 'mail.example.com', greeting = `220 ${name} ESMTP Postfix`, greetingDelayMs = 0 } = this.#script;
    if (greeting === null) {
      // A silent server must not read commands: a TLS ClientHello may contain a CRLF, which would look like one.
      this.#tcp.resume();
      return;
    }
    if (this.#script.proxyHeader !== undefined) {
      this.#awaitHeader(this.#script.proxyHeader, greeting);
      return;
    }
    if (this.#script.implicitTls) this.#secure();
    this.#listen();
    const timer = setTimeout(() => this.#reply('greeting', greeting), greetingDelayMs);
    this.#tcp.once('close', () => clearTimeout(timer));
  }

  #awaitHeader(answer: true | string, greeting: string | Buffer): void {
    this.#tcp.once('data', (chunk: Buffer) => {
      if (!chunk.toString('latin1').startsWith('PROXY ')) {
        this.#tcp.destroy();
        return;
      }
      this.#listen();
      this.#reply('greeting', answer === true ? greeting : Buffer.from(answer));
    });
  }

  #listen(): void {
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk: Buffer) => {
      this.#input += chunk.toString('latin1');
      this.#work();
    });
  }

  #work(): void {
    for (;;) {
      const end = this.#input.indexOf('\r\n');
      if (end === -1 || this.#paused || this.#tcp.destroyed) return;
      const line = this.#input.slice(0, end);
      this.#input = this.#input.slice(end + 2);
      if (this.#message) this.#content(line, this.#message);
      else this.#command(line);
    }
  }

  #command(line: string): void {
    this.#session.commands.push(line);
    const verb = (/^(MAIL FROM|RCPT TO|\S+)/i.exec(line)?.[0] ?? '').toUpperCase();
    const argument = line.slice(verb.length).replace(/^[:\s]\s*/, '');
    if (verb === 'STARTTLS' && this.#script.tls) {
      this.#startTls(this.#script.tls);
      return;
    }
    const { step, reply } = this.#answer(verb, argument);
    this.#reply(step, this.#script.replies?.[verb] ?? reply);
    if (verb === 'QUIT' && !this.#paused) void this.#output.then(() => this.#socket.end());
  }

  /** The usual reply to a command, and its effect on the transaction unless a scripted reply replaces it. */
  #answer(verb: string, argument: string): { step: Step | null; reply: string } {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        this.#hello = argument;
        this.#forget();
        return { step: 'ehlo', reply: this.#greetBack(verb, argument) };
      case 'MAIL FROM': {
        const reply = this.#script.mail?.(argument) ?? '250 2.1.0 Ok';
        if (reply.startsWith('2')) this.#sender = argument;
        return { step: 'mail', reply };
      }
      case 'RCPT TO': {
        const reply = this.#recipient(argument);
        if (reply.startsWith('2')) this.#recipients += 1;
        return { step: 'rcpt', reply };
      }
      case 'RSET':
        this.#forget();
        return { step: 'rset', reply: '250 2.0.0 Ok' };
      case 'DATA': {
        const refusal = this.#script.replies?.DATA ?? (this.#recipients > 0 ? null : '503 5.5.1 No valid recipients');
        if (refusal === null) this.#message = [];
        return { step: 'data', reply: refusal?.toString() ?? '354 End data with <CR><LF>.<CR><LF>' };
      }
      case 'QUIT':
        return { step: 'quit', reply: '221 2.0.0 Bye' };
      case 'NOOP':
        return { step: null, reply: '250 2.0.0 Ok' };
      default:
        return { step: null, reply: '502 5.5.2 Command not recognized' };
    }
  }

  #greetBack(verb: string, name: string): string {
    const own = this.#script.name ?? 'mail.example.com';
    const reply = this.#script.hello?.(name) ?? `250 ${own}`;
    if (verb === 'HELO' || !reply.startsWith('250')) return reply;
    const { extensions = ['PIPELINING', 'SIZE 10240000', '8BITMIME'], extensionsSecured = extensions } = this.#script;
    const offersTls = this.#script.tls && !this.#session.secured;
    const keywords = [...(this.#session.secured ? extensionsSecured : extensions), ...(offersTls ? ['STARTTLS'] : [])];
    return [reply, ...keywords].join('\n');
  }

  #recipient(recipient: string): string {
    if (this.#sender === null) return '503 5.5.1 Error: need MAIL command';
    const policy = this.#script.rcpt ?? closed();
    return policy({ hello: this.#hello, sender: this.#sender, recipient, secured: this.#session.secured });
  }

  #content(line: string, message: string[]): void {
    if (line !== '.') {
      message.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    const text = message.join('\r\n');
    this.#session.messages.push(text);
    this.#forget();
    this.#reply('message', this.#script.message?.(text) ?? '250 2.0.0 Ok: queued as 4XyZ');
  }

  #forget(): void {
    this.#sender = null;
    this.#recipients = 0;
    this.#message = null;
  }

  #startTls({ fault }: TlsScript): void {
    if (fault === 'declined') {
      this.#reply('starttls', '454 4.7.0 TLS not available due to local problem');
      return;
    }
    const ready = '220 2.0.0 Ready to start TLS';
    this.#reply('starttls', fault === 'chatty' ? Buffer.from(`${ready}\r\n250 injected\r\nand more\r\n`) : ready);
    this.#paused = true;
    void this.#output.then(() => {
      if (this.#gone || fault === 'silent') return;
      if (fault === 'garbage') this.#tcp.once('data', () => this.#tcp.write('this is not a handshake at all\r\n'));
      else if (fault === 'closes') this.#tcp.end();
      else this.#upgrade(fault === 'keeps-plaintext');
    });
  }

  #upgrade(keepsPlaintext: boolean): void {
    if (!keepsPlaintext) this.#input = '';
    this.#forget();
    this.#secure();
    this.#listen();
    this.#paused = false;
  }

  #secure(): void {
    const { tls } = this.#script;
    if (!tls) throw new Error('implicitTls needs a tls script');
    const { identity, identities = {}, minVersion, maxVersion, ciphers, fault } = tls;
    this.#tcp.removeAllListeners('data');
    const contextFor = ({ certificate, key }: Issued) =>
      createSecureContext({
        cert: certificate,
        key,
        ...(minVersion ? { minVersion } : {}),
        ...(maxVersion ? { maxVersion } : {}),
        ...(ciphers ? { ciphers } : {}),
      });
    const secured = new TLSSocket(this.#tcp, {
      isServer: true,
      secureContext: fault === 'unnamed' ? createSecureContext({}) : contextFor(identity),
      SNICallback: (name, done) => done(null, contextFor(identities[name] ?? identity)),
    });
    secured.once('secure', () => {
      this.#session.secured = true;
      this.#work();
    });
    // The socket must close if the client leaves during the handshake.
    secured.once('error', () => this.#tcp.destroySoon());
    this.#socket = secured;
  }

  /** @returns whether the script cuts the connection at this step. */
  #cut(step: Step | null): boolean {
    const { drop } = this.#script;
    if (!drop || step !== drop.at) return false;
    const count = (this.#reached.get(step) ?? 0) + 1;
    this.#reached.set(step, count);
    if (count !== (drop.nth ?? 1)) return false;
    if (!drop.midReply) {
      // Earlier replies are still sent.
      void this.#output.then(() => this.#leave(drop));
      this.#paused = true;
    }
    return true;
  }

  #leave(drop: Drop): void {
    this.#gone = true;
    if (drop.with === 'rst') this.#reset();
    else this.#tcp.end();
    this.#input = '';
    this.#paused = true;
  }

  /**
   * Resets the connection. resetAndDestroy() shuts it down first. A reset during that shutdown fails (EINVAL), and
   * Node.js then keeps the socket, so that the process never ends. The flag that resetAndDestroy() sets first makes
   * destroy() reset at once.
   */
  #reset(): void {
    const isEnding = this.#tcp.writableEnded || this.#socket.writableEnded;
    if (!isEnding) Object.assign(this.#tcp, { resetAndClosing: true });
    this.#tcp.destroy();
  }

  /** Sends a reply. Text lines become one reply with the code of the first line. Bytes are sent unchanged. */
  #reply(step: Step | null, reply: string | Buffer): void {
    const bytes = typeof reply === 'string' ? Buffer.from(formatReply(reply), 'latin1') : reply;
    const { drop, dropAfterErrors, refusalDelayMs = 0 } = this.#script;
    if (this.#cut(step)) {
      if (!drop?.midReply) return;
      const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
      void this.#send(half).then(() => setImmediate(() => this.#leave(drop)));
      this.#paused = true;
      return;
    }
    const isRefusal = /^[45]/.test(bytes.toString('latin1', 0, 1));
    if (isRefusal && refusalDelayMs > 0) this.#output = this.#output.then(() => sleep(refusalDelayMs));
    void this.#send(bytes);
    if (isRefusal) this.#errors += 1;
    if (dropAfterErrors !== undefined && this.#errors >= dropAfterErrors) {
      this.#paused = true;
      void this.#send(Buffer.from('421 4.7.0 Error: too many errors\r\n')).then(() => this.#socket.end());
    }
  }

  #send(bytes: Buffer): Promise<void> {
    const { tarpitMs } = this.#script;
    this.#output = this.#output.then(() => (tarpitMs === undefined ? this.#write(bytes) : this.#drip(bytes, tarpitMs)));
    return this.#output;
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #drip(bytes: Buffer, intervalMs: number): Promise<void> {
    if (this.#tcp.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      let sent = 0;
      const stop = () => {
        clearInterval(timer);
        this.#tcp.off('close', stop);
        resolve();
      };
      const timer = setInterval(() => {
        this.#write(bytes.subarray(sent, sent + 1));
        sent += 1;
        if (sent >= bytes.length) stop();
      }, intervalMs);
      this.#tcp.once('close', stop);
    });
  }
}

function formatReply(reply: string): string {
  const [first = '', ...more] = reply.split('\n');
  const code = first.slice(0, 3);
  const texts = [first.slice(4), ...more];
  return texts.map((text, index) => `${code}${index < texts.length - 1 ? '-' : ' '}${text}\r\n`).join('');
}
