/** Asks a name server over TCP with DO and CD, and hands the reply on in wire form: the least that a validator needs. */
import { connect } from 'node:net';
import type { SignedRecord, SignedReply } from '../../src/network/dns/signed.ts';
import { type Labels, labelsOf, wireName } from '../../src/standards/dnssec/names.ts';

const TIMEOUT_MS = 5_000;

/** The data of each type that has names, which may be compressed (RFC 3597 §4): octets before the names, and their number. */
const NAMES: Readonly<Record<number, readonly [before: number, names: number]>> = {
  2: [0, 1],
  5: [0, 1],
  6: [0, 2],
  12: [0, 1],
  15: [2, 1],
};

interface AskSettings {
  /** The CD bit: on by default. */
  readonly isCheckingDisabled?: boolean;
}

/** @returns the reply of the server at this port of the loopback address. Never rejects. */
export function askServer(
  port: number,
  { isCheckingDisabled = true }: AskSettings = {},
): (name: string, type: number) => Promise<SignedReply> {
  return async (name, type) => {
    try {
      return readReply(await exchange(port, query(name, type, isCheckingDisabled)), port);
    } catch (error) {
      return { kind: 'failed', status: 'unreachable', detail: String(error) };
    }
  };
}

function query(name: string, type: number, isCheckingDisabled: boolean): Buffer {
  const header = Buffer.from([0, 1, 0x01, isCheckingDisabled ? 0x10 : 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  const question = Buffer.from([type >> 8, type & 0xff, 0, 1]);
  const options = Buffer.from([0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]);
  return Buffer.concat([header, wireName(labelsOf(name) ?? []), question, options]);
}

function exchange(port: number, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = Buffer.alloc(0);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no reply in time')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('connect', () =>
      socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message])),
    );
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
      socket.destroy();
    });
  });
}

function readReply(message: Buffer, port: number): SignedReply {
  const [answers = 0, authorities = 0] = [message.readUInt16BE(6), message.readUInt16BE(8)];
  const all: SignedRecord[] = [];
  let at = readName(message, 12).end + 4;
  while (all.length < answers + authorities) {
    const { labels, end } = readName(message, at);
    const [type, size] = [message.readUInt16BE(end), message.readUInt16BE(end + 8)];
    all.push({
      owner: labels.map((label) => label.toLowerCase()),
      type,
      class: message.readUInt16BE(end + 2),
      ttl: message.readUInt32BE(end + 4),
      data: readData(message, type, end + 10, size),
    });
    at = end + 10 + size;
  }
  const flags = message.readUInt16BE(2);
  return {
    kind: 'reply',
    server: `127.0.0.1#${port}`,
    rcode: flags & 15,
    authoritative: (flags & 0x0400) !== 0,
    authenticated: (flags & 0x0020) !== 0,
    answers: all.slice(0, answers),
    authorities: all.slice(answers),
    extendedErrors: [],
  };
}

function readData(message: Buffer, type: number, start: number, size: number): Buffer {
  const [before, names] = NAMES[type] ?? [size, 0];
  const parts = [message.subarray(start, start + before)];
  let at = start + before;
  for (let index = 0; index < names; index += 1) {
    const { labels, end } = readName(message, at);
    parts.push(Buffer.from(`${labels.map((label) => String.fromCharCode(label.length) + label).join('')}\0`, 'latin1'));
    at = end;
  }
  return Buffer.concat([...parts, message.subarray(at, start + size)]);
}

function readName(message: Buffer, start: number): { readonly labels: Labels; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  for (;;) {
    const length = message.readUInt8(at);
    if (length === 0) return { labels, end: end ?? at + 1 };
    if (length >= 0xc0) {
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
    } else {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
}
