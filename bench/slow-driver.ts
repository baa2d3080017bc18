/**
 * A mail server that takes mail for nobody and holds each refusal back. It offers PIPELINING.
 *
 *     node slow-driver.mjs <address> <seconds>
 */
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [address = '', seconds = ''] = process.argv.slice(2);
const DELAY_MS = Number(seconds) * 1000;
const HELLO = ['250-mail.example.com', '250-PIPELINING', '250 8BITMIME'].join('\r\n');

/** Answers the commands of one connection in their order. */
class Dialogue {
  readonly #socket: Socket;
  #input = '';
  #hasSender = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.#read(bytes.toString('latin1')));
    this.#say('220 mail.example.com ESMTP');
  }

  #read(text: string): void {
    const lines = `${this.#input}${text}`.split('\r\n');
    this.#input = lines.pop() ?? '';
    for (const line of lines) this.#turn = this.#turn.then(() => this.#answer(line.slice(0, 4).toUpperCase()));
  }

  async #answer(verb: string): Promise<void> {
    switch (verb) {
      case 'EHLO':
        this.#hasSender = false;
        return this.#say(HELLO);
      case 'MAIL':
        this.#hasSender = true;
        return this.#say('250 2.1.0 Ok');
      case 'RSET':
        this.#hasSender = false;
        return this.#say('250 2.0.0 Ok');
      case 'QUIT':
        this.#socket.end('221 2.0.0 Bye\r\n');
        return;
      case 'RCPT':
        return this.#refuse(this.#hasSender ? '554 5.7.1 Relay access denied' : '503 5.5.1 Error: need MAIL command');
      default:
        return this.#refuse('502 5.5.2 Error: command not recognized');
    }
  }

  async #refuse(reply: string): Promise<void> {
    await sleep(DELAY_MS);
    this.#say(reply);
  }

  #say(reply: string): void {
    if (this.#socket.writable) this.#socket.write(`${reply}\r\n`);
  }
}

createServer((socket) => new Dialogue(socket)).listen(25, address);
