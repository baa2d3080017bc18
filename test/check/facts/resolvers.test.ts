/** Tests what kind of resolver a configured DNS server is: what helps against a refusal depends on it. */
import { expect, test } from 'vitest';
import { createFacts } from '../../../src/check/facts/fact.ts';
import { askedResolvers } from '../../../src/check/facts/resolvers.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { parseIp } from '../../../src/network/ip.ts';
import { fixedClock } from '../../world/clock.ts';

const own = ['192.0.2.7', '2001:db8::7'].flatMap((text) => parseIp(text) ?? []);

test.each([
  ['8.8.8.8', 'public', /Google/],
  ['1.1.1.1', 'public', /Cloudflare/],
  ['1.1.1.2', 'public', /Cloudflare/],
  ['[2606:4700:4700::1113]', 'public', /Cloudflare/],
  ['9.9.9.11', 'public', /Quad9/],
  ['[2620:fe::11]', 'public', /Quad9/],
  ['86.54.11.100', 'public', /DNS4EU/],
  ['76.76.2.0', 'public', /Control D/],
  ['45.90.28.0', 'public', /NextDNS/],
  ['194.242.2.2', 'public', /Mullvad/],
  ['193.110.81.0', 'public', /dns0\.eu, which closed/],
  ['127.0.0.53', 'stub', /systemd-resolved/],
  ['127.0.0.54', 'stub', /systemd-resolved/],
  ['100.100.100.100', 'stub', /Tailscale/],
  ['10.255.255.254', 'stub', /WSL/],
  ['169.254.20.10', 'stub', /Kubernetes/],
  ['127.0.1.1', 'stub', /NetworkManager/],
  ['127.0.0.11', 'stub', /Docker/],
  ['169.254.169.254', 'provider', /^the cloud’s own resolver$/],
  ['169.254.169.253', 'provider', /Amazon/],
  ['168.63.129.16', 'provider', /Azure/],
  ['213.186.33.99', 'provider', /OVHcloud/],
  ['51.159.47.28', 'provider', /Scaleway/],
  ['108.61.10.10', 'provider', /Vultr/],
  ['67.207.67.3', 'provider', /DigitalOcean/],
  ['185.12.64.1', 'provider', /Hetzner/],
  ['[fd00:ec2::253]', 'provider', /Amazon/],
  ['127.0.0.1', 'own', null],
  ['127.0.0.1:5353', 'own', null],
  ['::1', 'own', null],
  ['192.0.2.7', 'own', null],
  ['2001:db8::7', 'own', null],
  ['192.0.2.53', null, null],
  ['10.0.0.2', null, null],
])('%s is %s', async (text, kind, name) => {
  const servers = [parseServer(text)];
  const dns = createDnsClient({ servers, signal: new AbortController().signal });
  const [found] = await createFacts({ dns, own, clock: fixedClock })(askedResolvers);
  expect(found).toMatchObject({ kind, sharedBy: name === null ? null : expect.stringMatching(name) });
});
