/**
 * Loaded before a program (`--import`), it takes the outside away: sockets, resolvers, and the names and addresses of this
 * machine end the process, and the clock is years off.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const OFF_MS = 1000 * 86_400_000;

const forbid = (object, name, label) => {
  object[name] = () => {
    process.stderr.write(`OUTSIDE: ${label}\n`);
    process.exit(99);
  };
};

const net = require('node:net');
const tls = require('node:tls');
const dgram = require('node:dgram');
const dns = require('node:dns');
const os = require('node:os');

// Pipes of the process itself are sockets too, but nobody connects them.
forbid(net.Socket.prototype, 'connect', 'net.Socket.connect');
for (const name of ['connect', 'createConnection', 'createServer']) forbid(net, name, `net.${name}`);
forbid(tls, 'connect', 'tls.connect');
forbid(dgram, 'createSocket', 'dgram.createSocket');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'getServers']) forbid(dns, name, `dns.${name}`);
for (const Resolver of [dns.Resolver, dns.promises.Resolver]) {
  for (const name of ['resolve', 'resolve4', 'resolve6', 'resolveTxt']) forbid(Resolver.prototype, name, `dns.${name}`);
}
for (const name of ['networkInterfaces', 'hostname']) forbid(os, name, `os.${name}`);

const now = Date.now;
Date.now = () => now() + OFF_MS;
syncBuiltinESMExports();
