/**
 * A public resolver that block lists do not serve, over UDP and TCP: it refuses every question for a name below one of the
 * zones, and passes the others on.
 *
 *     node refusing-dns.mjs '{"listen":"192.0.2.64","to":"192.0.2.53","zones":["zen.spamhaus.org"]}'
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import packet from 'dns-packet';

const { listen, to, zones } = JSON.parse(process.argv[2] ?? '{}');
const REFUSED = 5;

function isRefused(bytes) {
  const [question] = packet.decode(bytes).questions;
  const name = question.name.toLowerCase();
  return question.type !== 'NS' && question.type !== 'SOA' && zones.some((zone) => name.endsWith(`.${zone}`));
}

/** Gives the reply to a question: a refusal, or what the resolver behind says. */
function answer(bytes, give) {
  if (isRefused(bytes)) {
    const { id, questions } = packet.decode(bytes);
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | REFUSED;
    give(packet.encode({ type: 'response', id, flags, questions }));
    return;
  }
  const back = createSocket('udp4');
  back.on('error', () => {});
  back.on('message', (reply) => {
    back.close();
    give(reply);
  });
  back.send(bytes, 53, to);
}

const front = createSocket('udp4');
front.on('message', (bytes, from) => answer(bytes, (reply) => front.send(reply, from.port, from.address)));
front.bind(53, listen);

createServer((client) => {
  let received = Buffer.alloc(0);
  client.on('error', () => client.destroy());
  client.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
    answer(received.subarray(2), (reply) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      client.end(Buffer.concat([length, reply]));
    });
  });
}).listen(53, listen);
