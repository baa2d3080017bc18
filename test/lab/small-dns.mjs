/**
 * A DNS server over UDP for hosts of the lab that need no more: it answers from the records given as JSON, and denies
 * everything else. `node small-dns.mjs '{"listen": ["192.0.2.53"], "zone": {"example.com": {"TXT": ["v=spf1 -all"]}}}'`
 */
import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

const { listen, zone } = JSON.parse(process.argv[2] ?? '{}');
const SOA = {
  type: 'SOA',
  ttl: 60,
  data: {
    mname: 'ns1.example.com',
    rname: 'hostmaster.example.com',
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 60,
  },
};

for (const address of listen) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => {
    const { id, questions } = packet.decode(bytes);
    const [question] = questions;
    const records = zone[question.name.toLowerCase()];
    const answers = (records?.[question.type] ?? []).map((data) => ({
      type: question.type,
      name: question.name,
      ttl: 60,
      data,
    }));
    const reply = {
      id,
      type: 'response',
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (records === undefined ? 3 : 0),
      questions,
      answers,
      // The zone that denies a name must hold it.
      authorities: answers.length > 0 ? [] : [{ ...SOA, name: question.name.split('.').slice(-2).join('.') }],
    };
    socket.send(packet.encode(reply), from.port, from.address);
  });
  socket.bind({ address, port: 53, exclusive: true }, () => process.stdout.write(`listening on ${address}\n`));
}
