/** A DNS server on loopback that answers from a zone (`zone.ts`), fails as told, and keeps what it was asked. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import packet from 'dns-packet';
import type { SignedRecord } from '../../src/network/dns/signed.ts';
import { started } from './running.ts';
import {
  type Answer,
  codecDs,
  codecTlsa,
  type Data,
  DEFAULT_TTL,
  type DnsScript,
  mxOf,
  NEGATIVE_TTL,
  stringsOf,
  wireStrings,
  zoneOf,
} from './zone.ts';

export type { DnsScript, NameScript } from './zone.ts';

export interface AskedQuestion {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
}

export interface DnsWorld {
  readonly port: number;
  /** The server in the form of `--dns`. */
  readonly server: string;
  readonly asked: readonly AskedQuestion[];
  /** Replaces the script. */
  rescript(script: DnsScript): void;
  close(): Promise<void>;
}

const AA = 1 << 10;
const AD = 1 << 5;
const CD = 1 << 4;
const TC = 1 << 9;
const RA = 1 << 7;
const RESPONSE = 1 << 15;
/** In the flags of the OPT record. */
const DO = 1 << 15;
const REFUSED = 5;
/** Octets of a message over UDP. */
const MAX_UDP = 1232;
/** Root, type 41, 1232 octets, RCODE and version 0, DO, no options (RFC 6891 §6.1.2). */
const OPT_WITH_DO = Buffer.from([0, 0, 41, MAX_UDP >> 8, MAX_UDP & 0xff, 0, 0, 0x80, 0, 0, 0]);

/** What is sent for a query. `undefined` closes a TCP connection. */
type Outcome = { reply: Buffer; preludes?: Buffer[]; delayMs: number } | { reply: undefined; delayMs: number };

export async function startDns(initial: DnsScript): Promise<DnsWorld> {
  const { asked, respond, rescript } = responder(initial);
  const connections = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const { udp, tcp, port } = await listen();

  const later = (ms: number, act: () => void): void => {
    if (ms === 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };

  udp.on('message', (bytes: Buffer, from: RemoteInfo) => {
    const outcome = respond(bytes, 'udp');
    if (outcome?.reply === undefined) return;
    const { reply, preludes = [], delayMs } = outcome;
    later(delayMs, () => {
      for (const message of [...preludes, reply]) udp.send(message, from.port, from.address);
    });
  });
  tcp.on('connection', (socket) => {
    connections.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
      const outcome = respond(received.subarray(2), 'tcp');
      if (outcome === undefined) {
        socket.destroy();
        return;
      }
      const { reply, delayMs } = outcome;
      if (reply === undefined) return;
      later(delayMs, () => {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.end(Buffer.concat([length, reply]));
      });
    });
  });

  return {
    port,
    server: `127.0.0.1:${port}`,
    asked,
    rescript,
    close: started(async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((done) => udp.close(() => done())),
        new Promise<void>((done) => tcp.close(() => done())),
      ]);
    }),
  };
}

/** Answers queries from a script, without sockets. */
export function responder(initial: DnsScript) {
  let script = initial;
  let zone = zoneOf(script);
  const asked: AskedQuestion[] = [];
  const used = new Map<string, number>();

  /** @returns the reply to a query and its delay. `undefined` closes a TCP connection. */
  function respond(bytes: Buffer, transport: 'udp' | 'tcp'): Outcome | undefined {
    const query = packet.decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return { reply: undefined, delayMs: 0 };
    const name = question.name.toLowerCase();
    asked.push({ name, type: question.type, transport });
    const answer = withCountedFault(zone.at(name, question.type), `${question.type} ${name}`);
    return signedReply(bytes, query, answer, transport) ?? reply(query, question, answer, transport);
  }

  /** @returns the reply of the signed zones; nothing where the rest of the script decides. */
  function signedReply(
    bytes: Buffer,
    query: packet.Packet,
    answer: Answer,
    transport: 'udp' | 'tcp',
  ): Outcome | undefined {
    const name = query.questions?.[0]?.name.toLowerCase() ?? '';
    const opt = (query.additionals ?? []).find(({ type }) => type === 'OPT') as { flags?: number } | undefined;
    const isForSignatures = ((opt?.flags ?? 0) & DO) !== 0;
    const isFaulty = answer.fault !== undefined && !['bogus', 'nxdomain', 'nodata'].includes(answer.fault);
    if (script.signed === undefined || (!isForSignatures && zone.has(name)) || isFaulty) return undefined;
    const after = 12 + nameLength(bytes, 12);
    const found = script.signed.answerTo(name, bytes.readUInt16BE(after));
    if (found.rcode === REFUSED) return undefined;
    const kept = (records: readonly SignedRecord[]): readonly SignedRecord[] =>
      isForSignatures ? records : records.filter(({ type }) => ![46, 47, 50].includes(type));
    const flags = RESPONSE | RA | (script.isAuthoritative ? AA : 0) | found.rcode;
    const message = (isTruncated: boolean): Buffer => {
      const sections = isTruncated ? [[], []] : [kept(found.answers), kept(found.authorities)];
      const header = Buffer.alloc(12);
      const counts = [1, ...sections.map(({ length }) => length), opt === undefined ? 0 : 1];
      for (const [index, value] of [query.id ?? 0, flags | (isTruncated ? TC : 0), ...counts].entries()) {
        header.writeUInt16BE(value, index * 2);
      }
      const question = bytes.subarray(12, after + 4);
      return Buffer.concat([header, question, ...sections.flat().map(wireRecord), ...(opt ? [OPT_WITH_DO] : [])]);
    };
    const whole = message(false);
    const delayMs = answer.delayMs ?? script.delayMs ?? 0;
    return { reply: transport === 'udp' && whole.length > MAX_UDP ? message(true) : whole, delayMs };
  }

  function withCountedFault(answer: Answer, key: string): Answer {
    if (answer.times === undefined || answer.fault === undefined) return answer;
    const count = (used.get(key) ?? 0) + 1;
    used.set(key, count);
    if (count <= answer.times) return answer;
    const { fault: _, ...healthy } = answer;
    return healthy;
  }

  function reply(
    query: packet.Packet,
    question: packet.Question,
    answer: Answer,
    transport: 'udp' | 'tcp',
  ): Outcome | undefined {
    const delayMs = answer.delayMs ?? script.delayMs ?? 0;
    const checkingDisabled = ((query.flags ?? 0) & CD) !== 0;
    const hasEdns = (query.additionals ?? []).some(({ type }) => type === 'OPT');
    const isOver = (answer.fault === 'bogus' && checkingDisabled) || (answer.fault === 'no-edns' && !hasEdns);
    const fault = isOver ? undefined : answer.fault;
    const base = { type: 'response' as const, id: query.id ?? 0, questions: [question] };
    const flags = RA | ((answer.aa ?? script.isAuthoritative) ? AA : 0) | (answer.ad ? AD : 0);
    const encode = (fields: Partial<packet.Packet>, rcode = 0): Buffer => {
      const additionals = answer.ede ? [edeRecord(answer.ede)] : [];
      return packet.encode({ ...base, additionals, ...fields, flags: (fields.flags ?? flags) | rcode });
    };
    switch (fault) {
      case 'timeout':
        return { reply: undefined, delayMs };
      case 'unreachable':
        throw new Error(`${question.name}: a server that was asked cannot be one that is not reached`);
      case 'servfail':
      case 'bogus':
        return { reply: encode({}, 2), delayMs };
      case 'no-edns':
        return { reply: encode({}, 1), delayMs };
      case 'notimp':
        return { reply: encode({}, 4), delayMs };
      case 'refused':
        return { reply: encode({}, 5), delayMs };
      case 'nxdomain':
        return { reply: encode({ authorities: [soa(question.name)] }, 3), delayMs };
      case 'referral':
        return {
          reply: encode({ flags: 0, authorities: [{ type: 'NS', name: 'test', ttl: 60, data: 'ns.test' }] }),
          delayMs,
        };
      case 'malformed': {
        const bytes = encode({ answers: toRecords(question.name, 'TXT', { records: ['x'] }) });
        return { reply: Buffer.concat([bytes.subarray(0, bytes.length - 2)]), delayMs };
      }
      case 'truncated':
        if (transport === 'udp') return { reply: encode({ flags: flags | TC }), delayMs };
        break;
      case 'truncated-no-tcp':
        return transport === 'udp' ? { reply: encode({ flags: flags | TC }), delayMs } : undefined;
      case 'spoofed': {
        const forged = packet.encode({
          ...base,
          id: ((query.id ?? 0) + 1) & 0xffff,
          flags,
          answers: toRecords(question.name, question.type, {
            records: [question.type === 'A' ? '192.0.2.66' : 'forged'],
          }),
        });
        return {
          reply: encode({ answers: toRecords(question.name, question.type, answer) }),
          preludes: [forged],
          delayMs,
        };
      }
      default:
        break;
    }
    const { fault: _, ...healthy } = answer;
    const answers = answersFor(question, healthy);
    const authorities = answers.length > 0 ? [] : [soa(question.name)];
    const bytes = encode({ answers, authorities });
    const fits = transport === 'tcp' || bytes.length <= MAX_UDP;
    return { reply: fits ? bytes : encode({ flags: flags | TC }), delayMs };
  }

  function answersFor(question: packet.Question, answer: Answer): packet.Answer[] {
    const out: packet.Answer[] = [];
    let name = question.name;
    let current = answer;
    for (let hops = 0; hops < 8 && current.fault === undefined; hops += 1) {
      const alias = question.type === 'CNAME' ? undefined : zone.aliasAt(name);
      if (alias === undefined || (current.records ?? []).length > 0) break;
      out.push({ type: 'CNAME', name, ttl: DEFAULT_TTL, data: alias });
      name = alias;
      current = zone.at(alias, question.type);
    }
    return [...out, ...(current.fault === undefined ? toRecords(name, question.type, current) : [])];
  }

  function soa(name: string): packet.Answer {
    const apex = zone.apexOf(name);
    return {
      type: 'SOA',
      name: apex,
      ttl: NEGATIVE_TTL,
      data: {
        mname: `ns.${apex}`,
        rname: `hostmaster.${apex}`,
        serial: 1,
        refresh: 3600,
        retry: 600,
        expire: 86400,
        minimum: NEGATIVE_TTL,
      },
    };
  }

  return {
    asked,
    respond,
    rescript: (next: DnsScript): void => {
      script = next;
      zone = zoneOf(next);
    },
  };
}

/** @returns the octets of an uncompressed name. */
function nameLength(bytes: Buffer, start: number): number {
  let position = start;
  while ((bytes[position] ?? 0) !== 0) position += 1 + (bytes[position] ?? 0);
  return position + 1 - start;
}

function wireRecord({ owner, type, class: class_, ttl, data }: SignedRecord): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(class_, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  const labels = owner.map((label) => String.fromCharCode(label.length) + label);
  return Buffer.concat([Buffer.from(`${labels.join('')}\0`, 'latin1'), fixed, data]);
}

function toRecords(name: string, type: string, answer: Answer): packet.Answer[] {
  return (answer.records ?? []).map((data) => {
    const common = { name, ttl: answer.ttl ?? DEFAULT_TTL };
    // The codec's types tie `data` to each literal type. The tests that use a script check the types in it.
    return { ...common, type, data: wireData(type, data) } as packet.Answer;
  });
}

function wireData(type: string, data: Data): unknown {
  if (type === 'TXT') return stringsOf(data).map((part) => Buffer.from(part, 'latin1'));
  if (type === 'SPF') return wireStrings(stringsOf(data));
  if (type === 'TLSA') return codecTlsa(data);
  if (type === 'DS') return codecDs(data);
  return type === 'MX' ? mxOf(data) : data.toString();
}

function edeRecord(ede: { code: number; text: string }): packet.Answer {
  const data = Buffer.concat([Buffer.from([ede.code >> 8, ede.code & 0xff]), Buffer.from(ede.text)]);
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    flags: 0,
    options: [{ code: 15, data }],
  } as unknown as packet.Answer;
}

/** Binds UDP and TCP to the same free port. */
async function listen(): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let tries = 0; ; tries += 1) {
    const udp = createSocket('udp4');
    await new Promise<void>((done) => udp.bind(0, '127.0.0.1', done));
    const { port } = udp.address();
    const tcp = createServer();
    const bound = await new Promise<boolean>((done) => {
      tcp.once('error', () => done(false));
      tcp.listen(port, '127.0.0.1', () => done(true));
    });
    if (bound) return { udp, tcp, port };
    udp.close();
    if (tries > 20) throw new Error('no port is free for both UDP and TCP');
  }
}
