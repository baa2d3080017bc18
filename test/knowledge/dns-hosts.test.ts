/** Tests by which names a DNS host is recognised, and that every row of the data is of use. */
import { describe, expect, test } from 'vitest';
import { dnsHostOf, dnsHosts } from '../../src/knowledge/dns-hosts/catalogue.ts';
import { hostsByServers, hostsByStart } from '../../src/knowledge/dns-hosts/detect.ts';

const idsBy = (...names: readonly string[]): string[] => hostsByServers(names, dnsHosts).map(({ id }) => id);

describe('DNS hosts: the names of the name servers', () => {
  test.each([
    [['bob.ns.cloudflare.com', 'lucy.ns.cloudflare.com'], ['cloudflare']],
    [['ns-512.awsdns-00.net', 'ns-1536.awsdns-00.co.uk'], ['route53']],
    [['NS-512.AWSDNS-00.NET.'], ['route53']],
    [['ns1-01.azure-dns.com', 'ns2-01.azure-dns.net', 'ns3-01.azure-dns.org'], ['azure-dns']],
    [['ns1.digitalocean.com', 'ns2.digitalocean.com'], ['digitalocean']],
    [['hydrogen.ns.hetzner.com', 'helium.ns.hetzner.de'], ['hetzner']],
    [['dns10.ovh.net', 'ns10.ovh.net'], ['ovhcloud']],
    [['dns200.anycast.me', 'ns200.anycast.me'], ['ovhcloud']],
    [['ns-1-a.gandi.net', 'ns-2-b.gandi.net', 'ns-3-c.gandi.net'], ['gandi']],
    [['dns1.registrar-servers.com'], ['namecheap']],
    [['ns01.domaincontrol.com'], ['godaddy']],
    [['ns1045.ui-dns.com', 'ns1045.ui-dns.de'], ['ionos']],
    [['ns1.linode.com', 'ns5.linode.com'], ['linode']],
    [['ns1.vultr.com', 'ns2.vultr.com'], ['vultr']],
    [['ns0.dom.scw.cloud'], ['scaleway']],
    [['ns1.dnsimple.com', 'ns2.dnsimple-edge.net'], ['dnsimple']],
    [['ns1.desec.io', 'ns2.desec.org'], ['desec']],
    [['curitiba.ns.porkbun.com'], ['porkbun']],
    [['ns1.vercel-dns.com'], ['vercel']],
    // Both have these names, so nothing tells them apart.
    [
      ['ns-cloud-a1.googledomains.com', 'ns-cloud-a2.googledomains.com'],
      ['google-cloud-dns', 'squarespace'],
    ],
    // A zone at two hosts, and names that only look alike.
    [['bob.ns.cloudflare.com', 'ns-512.awsdns-00.net'], []],
    [['bob.ns.cloudflare.com', 'ns1.example.net'], []],
    [['ns-512.awsdns-00.net.example.com'], []],
    [['evilns.cloudflare.com'], []],
    [['dns1.p01.nsone.net'], []],
    [[], []],
  ])('%j', (names, ids) => {
    expect(idsBy(...names)).toEqual(ids);
  });
});

test.each([
  ['bob.ns.cloudflare.com', 'dns.cloudflare.com', ['cloudflare']],
  ['ns1.example.com', 'awsdns-hostmaster.amazon.com', ['route53']],
  ['ns1.example.com', 'hostmaster.example.com', []],
])('DNS hosts: the SOA record %s %s', (mname, rname, ids) => {
  expect(hostsByStart({ mname, rname }, dnsHosts).map(({ id }) => id)).toEqual(ids);
});

describe('DNS hosts: the data', () => {
  test('has the hosts that most domains are at, and the software of name servers', () => {
    const ids =
      'cloudflare route53 google-cloud-dns azure-dns digitalocean hetzner ovhcloud gandi namecheap godaddy ionos linode vultr scaleway dnsimple desec porkbun squarespace netlify vercel bind nsd knot powerdns';
    expect(ids.split(' ').filter((id) => dnsHostOf(id) === undefined)).toEqual([]);
    expect(dnsHostOf('nobody')).toBeUndefined();
    const kinds = dnsHosts.map(({ kind }) => kind);
    expect(kinds).toEqual([...kinds].sort());
  });

  test('no row takes names from another one without saying how to tell them apart', () => {
    const alike = dnsHosts.filter(({ detect }) =>
      dnsHosts.some(
        (other) => other.detect !== detect && other.detect.nsPatterns.some((one) => detect.nsPatterns.includes(one)),
      ),
    );
    expect(alike.map(({ id }) => id)).toEqual(['google-cloud-dns', 'squarespace']);
    expect(alike.filter(({ detect }) => detect.tellApart === null)).toEqual([]);
  });

  test('a secret is a variable of the environment, and each request is encrypted', () => {
    for (const { commands } of dnsHosts) {
      for (const { text } of commands.filter(({ tool }) => tool === 'curl')) {
        expect(text).toMatch(/ https:\/\//);
        expect(text).not.toMatch(/ http:\/\/| -k | --insecure/);
        expect(text).toMatch(/"[^"]*\$[A-Z(]/);
      }
    }
  });

  test('every host can be used: it has commands or a console, and a software is not recognised by names', () => {
    expect(dnsHosts.filter(({ commands, console: page }) => commands.length === 0 && page === null)).toEqual([]);
    const signs = dnsHosts.filter(({ kind }) => kind === 'software').flatMap(({ detect }) => detect.nsPatterns);
    expect(signs).toEqual([]);
  });
});
