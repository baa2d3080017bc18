/**
 * A small internet for the transport of mail: a tree of signed zones on BIND, Postfix with many certificates, policies
 * of MTA-STS on a web server, and unbound, which validates. What is in it is in `transport-cases.ts`.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RESOLVER, untilItSays } from './internet.ts';
import { layersOf, type Machine, machine } from './layers.ts';
import { createNet, type Host, listens, type Net, whyNoNet } from './netns.ts';
import { certificates, policyAnswers, transportZones } from './transport-cases.ts';
import { mailAddresses, mailSetUp, root, webAddresses, webSetUp } from './transport-hosts.ts';
import { unboundConfiguration, writeTree } from './tree-servers.ts';
import { nameServers } from './tree-zones.ts';

const POLICY_SERVER =
  process.env.MAILCHECK_POLICY_SERVER ?? fileURLToPath(new URL('./policy-server.mjs', import.meta.url));

export interface TransportLab {
  readonly net: Net;
  /** Where mailcheck runs. */
  readonly prober: Host;
  /** The same host with Postfix, and with its resolver of MTA-STS policies. */
  readonly postfix: Machine;
  readonly stsResolver: Machine;
  readonly directory: string;
  /** The key of the root zone, as a line of a master file. */
  readonly trustAnchor: string;
  /** The certificate of the authority of the mail and web servers (PEM). */
  readonly caFile: string;
  close(): Promise<void>;
}

/**
 * Starts all servers and waits until they answer.
 *
 * @param delayMs what every round trip of the host `prober` takes.
 */
export async function startTransportLab(delayMs = 0): Promise<TransportLab> {
  const why = whyNoNet();
  if (why !== null) throw new Error(why);
  const layers = await layersOf({ unbound: 'unbound', postfix: 'postfix', stsResolver: 'postfix-mta-sts-resolver' });
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-transport-'));
  chmodSync(directory, 0o755);
  const machines: Machine[] = [];
  let net: Net | undefined;
  const close = async (): Promise<void> => {
    await net?.close();
    for (const made of machines) made.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const keep = (made: Machine): Machine => {
    machines.push(made);
    return made;
  };
  const stdio = process.env.LAB_LOG ? 'inherit' : 'ignore';
  try {
    const tree = await writeTree(directory, transportZones);
    const caFile = join(directory, 'ca.pem');
    writeFileSync(caFile, root.certificate);
    const { root: rootServer, tld, auth, second, lame } = nameServers;
    net = await createNet(
      {
        prober: ['198.51.100.10'],
        resolver: [RESOLVER],
        ...{ root: rootServer, tld, auth, second, lame },
        mail: Object.values(mailAddresses),
        web: Object.values(webAddresses),
      },
      { resolver: RESOLVER, delays: { prober: delayMs } },
    );
    const host = net.host;
    for (const [server, configuration] of tree.named) {
      host(server).start(['named', '-f', '-n', '1', '-c', configuration], { stdio });
    }
    const { files, command } = mailSetUp(certificates);
    keep(machine(host('mail'), layers.postfix, files)).start(command, { stdio });
    host('web').start([process.execPath, POLICY_SERVER, webSetUp(policyAnswers)], { stdio });
    const prober = host('prober');
    // A resolver that finds its servers dead does not ask them again for a while.
    await Promise.all(
      [rootServer, tld, auth, second].map(([address], index) =>
        untilItSays(
          prober,
          ['dig', '+norec', '+tries=1', '+time=1', `@${address}`, LAST_ZONES[index] ?? '.', 'SOA'],
          'flags: qr aa',
        ),
      ),
    );
    const configuration = unboundConfiguration(tree, { addresses: [RESOLVER] });
    keep(machine(host('resolver'), layers.unbound, { '/etc/lab/unbound.conf': configuration })).start(
      ['unbound', '-d', '-c', '/etc/lab/unbound.conf'],
      { stdio },
    );
    await untilItSays(
      prober,
      ['dig', '+short', '+tries=1', '+time=2', `@${RESOLVER}`, 'mail.example.com', 'A'],
      mailAddresses.good,
    );
    await Promise.all([listens(prober, mailAddresses.selfsigned, 25), listens(prober, webAddresses.plain, 443)]);
    const postfix = keep(machine(prober, layers.postfix, { '/etc/postfix/main.cf': 'compatibility_level = 3.6\n' }));
    const stsResolver = keep(machine(prober, layers.stsResolver));
    return { net, prober, postfix, stsResolver, directory, trustAnchor: tree.trustAnchor, caFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A zone of the root server, and of each that follows it. */
const LAST_ZONES = ['.', 'org', 'agreed.example.org', 'agreed.example.org'];
