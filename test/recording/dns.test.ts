/** Records and replays only the DNS client: other servers, test entries of lists, and questions that were not asked. */
import { expect, test } from 'vitest';
import { gatherPublicAddress } from '../../src/check/facts/public-address.ts';
import { createDnsClient, type DnsClient } from '../../src/network/dns/client.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { Notebook } from '../../src/recording/notebook.ts';
import { recordDns } from '../../src/recording/record-dns.ts';
import { replayDns } from '../../src/recording/replay-dns.ts';
import { Timeline } from '../../src/recording/timeline.ts';
import { startDns } from '../world/dns.ts';

const SECRET = 'k3yk3yk3yk3y';

test('recording: the replayed DNS client gives the recorded answers, and the file contains no list key', async () => {
  const world = await startDns({
    zone: {
      'example.net': { NS: ['ns1.example.net'] },
      'ns1.example.net': { A: ['127.0.0.1'] },
      'who.am.example.net': { TXT: ['203.0.113.5'] },
      [`2.0.0.127.${SECRET}.list.example`]: { A: ['127.0.0.2'] },
    },
  });
  const servers = [parseServer(world.server)];
  const ask = async (dns: DnsClient, key: string) => ({
    address: await gatherPublicAddress(dns, 'who.am.example.net', 4, { allowPrivate: true, port: world.port }),
    listed: await dns.query(`2.0.0.127.${key}.list.example`, 'A'),
    isListed: await dns.isCanaryListed('127.0.0.2', `${key}.list.example`),
    isElsewhere: await dns.isCanaryListed('127.0.0.2', 'other.example'),
    impossible: await dns.query(`${'x'.repeat(80)}.example`, 'A'),
  });
  const masks = (secret: string) => (text: string) => text.replaceAll(secret, '[KEY]');

  const { signal } = new AbortController();
  const notebook = new Notebook();
  const live = createDnsClient({ servers, signal, secrets: new Map([[SECRET, 'KEY']]) });
  const before = await ask(recordDns(live, notebook, masks(SECRET)), SECRET);
  const asked = world.asked.length;
  const file = JSON.stringify(notebook.exchanges);

  const timeline = new Timeline(JSON.parse(file), [], () => {});
  const replayed = replayDns(servers, timeline, signal, masks('stand-in'));
  expect(await ask(replayed, 'stand-in')).toEqual(before);
  expect(replayed.log).toEqual(live.log);
  expect(timeline.missing).toEqual([]);
  expect(world.asked).toHaveLength(asked);
  expect(before).toMatchObject({ address: { address: '203.0.113.5' }, isListed: true, isElsewhere: false });
  expect(file).not.toContain(SECRET);

  // Other servers may give other answers, so the recorded answers are not given for them.
  const elsewhere = replayed.towards([parseServer('192.0.2.1')]);
  expect(await elsewhere.query('who.am.example.net', 'TXT')).toMatchObject({
    status: 'unreachable',
    detail: 'not in the recording',
  });
  expect(timeline.missing).toEqual(['192.0.2.1#53: who.am.example.net TXT']);
  timeline.end();
  await world.close();
});
