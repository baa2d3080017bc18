import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNet, type Net, whyNoNet } from './netns.ts';

let net: Net;
beforeAll(async () => {
  expect(whyNoNet()).toBeNull();
  net = await createNet(
    { prober: ['192.0.2.10', '2001:db8:1::10'], mail: ['203.0.113.5', '2001:db8:2::5'] },
    { resolver: '203.0.113.53' },
  );
});
afterAll(() => net?.close());

const ask = (ip: string): string =>
  `const s=require('net').connect(2525,'${ip}');s.on('data',d=>process.stdout.write(d));s.on('error',e=>console.log(e.code))`;
const server = `require('net').createServer((s)=>s.end('hello '+s.remoteAddress)).listen(2525,'::',()=>console.log('up'))`;

test('hosts reach each other by IPv4 and IPv6, and nothing else', async () => {
  const child = net.host('mail').start([process.execPath, '-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const say = async (ip: string) => (await net.host('prober').run([process.execPath, '-e', ask(ip)])).stdout.trim();
  expect(await say('203.0.113.5')).toBe('hello ::ffff:192.0.2.10');
  expect(await say('2001:db8:2::5')).toBe('hello 2001:db8:1::10');
  expect(await say('203.0.113.99')).toBe('EHOSTUNREACH');
  expect((await net.host('prober').run(['cat', '/etc/resolv.conf'])).stdout).toBe('nameserver 203.0.113.53\n');
});

test('nothing is left behind', async () => {
  const other = await createNet({ lone: ['192.0.2.1'] });
  other.host('lone').start(['sleep', '1000']);
  const mine = () => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).match(/mailcheck-lab-\d+-2-\S+/g);
  expect(mine()).toHaveLength(2);
  await other.close();
  expect(mine()).toBeNull();
});
