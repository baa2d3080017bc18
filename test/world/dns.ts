/** A DNS server on loopback that answers from a zone (`zone.ts`), fails as told, and keeps what it was asked. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import packet from 'dns-packet';
import { started } from './running.ts';
import {
  type Answer,
  codecDs,
  codecSoa,
  codecTlsa,
  type Data,
  DEFAULT_TTL,
  type DnsScript,
  delegationAt,
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

type Outcome = { reply: Buffer; preludes?: Buffer[]; delayMs: number } | { reply: undefined; delayMs: number };

export async function startDns(initial: DnsScript): Promise<DnsWorld> {
  let script = initial;
  let zone = zoneOf(script);
  const asked: AskedQuestion[] = [];
  const used = new Map<string, number>();
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

  /** @returns the reply to a query and its delay. `undefined` closes a TCP connection. */
  function respond(bytes: Buffer, transport: 'udp' | 'tcp'): Outcome | undefined {
    const query = packet.decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return { reply: undefined, delayMs: 0 };
    const name = question.name.toLowerCase();
    asked.push({ name, type: question.type, transport });
    const answer = withCountedFault(zone.at(name, question.type), `${question.type} ${name}`);
    return reply(query, question, answer, transport);
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
    const below = script.fault === undefined ? delegationAt(script, question.name) : undefined;
    if (below !== undefined) {
      const names = script.delegations?.[below] ?? [];
      const authorities = names.map((data): packet.Answer => ({ type: 'NS', name: below, ttl: DEFAULT_TTL, data }));
      return { reply: encode({ flags: 0, authorities }), delayMs };
    }
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
    const fits = transport === 'tcp' || bytes.length <= 1232;
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
    port,
    server: `127.0.0.1:${port}`,
    asked,
    rescript: (next) => {
      script = next;
      zone = zoneOf(next);
    },
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
  if (type === 'SOA') return codecSoa(data);
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
