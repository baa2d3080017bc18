/**
 * A bad wire, or a server that dies, in front of a good one: passes DNS (UDP and TCP) or another TCP service on.
 *
 *     node relay.mjs '{"listen":"192.0.2.64","port":53,"to":"192.0.2.53","toPort":53,"delayMs":200,"loss":0.02,"seed":1}'
 *
 * `delayMs` is the time of a round trip more. `loss` is the share of UDP packets that are lost, in either direction, by
 * a seeded generator; what TCP loses the kernel sends again, so that only the delay shows. With `command` it starts the
 * server behind it, and with `dieAfter` kills it (SIGKILL) at the question after that many. Each lost packet is a line
 * "lost" on stdout, and the death "killed".
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6 } from 'node:net';

const settings = { delayMs: 0, loss: 0, seed: 1, dieAfter: Number.POSITIVE_INFINITY, udp: true };
const { listen, port, to, toPort, delayMs, loss, seed, dieAfter, command, udp } = Object.assign(
  settings,
  JSON.parse(process.argv[2] ?? '{}'),
);
const oneWayMs = delayMs / 2;
const open = new Set();
const child = command ? spawn(command[0], command.slice(1), { stdio: 'inherit' }) : undefined;

let state = seed;
/** Mulberry32: the same numbers for the same seed, on every machine. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

function isLost() {
  if (loss === 0 || random() >= loss) return false;
  process.stdout.write('lost\n');
  return true;
}

let asked = 0;
/** Whether the server behind is still there to take this question. */
function isAlive() {
  asked += 1;
  if (asked <= dieAfter) return true;
  if (asked === dieAfter + 1) {
    child?.once('exit', () => {
      // From here on the kernel answers, as it does where nothing listens.
      for (const socket of open) socket.close();
      process.stdout.write('killed\n');
    });
    child?.kill('SIGKILL');
  }
  return false;
}

function relayUdp() {
  const type = isIPv6(listen) ? 'udp6' : 'udp4';
  const front = createSocket(type).bind(port, listen);
  open.add(front);
  front.on('message', (question, from) => {
    if (!isAlive() || isLost()) return;
    const back = createSocket(isIPv6(to) ? 'udp6' : 'udp4');
    back.on('error', () => {});
    back.on('message', (reply) => {
      back.close();
      if (isLost()) return;
      setTimeout(() => open.has(front) && front.send(reply, from.port, from.address, () => {}), oneWayMs);
    });
    setTimeout(() => back.send(question, toPort, to, () => {}), oneWayMs);
  });
  front.on('close', () => open.delete(front));
}

function relayTcp() {
  const server = createServer((near) => {
    near.on('error', () => far.destroy());
    const far = connect(toPort, to);
    far.on('error', () => near.destroy());
    if (!isAlive()) {
      near.destroy();
      far.destroy();
      return;
    }
    for (const [from, into] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (bytes) => setTimeout(() => into.write(bytes), oneWayMs));
      from.on('close', () => setTimeout(() => into.end(), oneWayMs));
    }
  }).listen(port, listen);
  open.add(server);
}

if (udp) relayUdp();
relayTcp();
