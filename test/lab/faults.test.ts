/**
 * A host on which everything is right, judged while something else is broken: the wire, the resolver, the disk. What
 * could not be seen is inconclusive, and nothing that rests on it passes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI } from '../world/world.ts';
import { type Internet, type Judged, RELAY, RESOLVER, SPARE, startInternet, untilItSays } from './internet.ts';
import { unboundConfiguration } from './tree-servers.ts';
import { HOST, HOST6 } from './tree-zones.ts';

const FULL = ['example.com', HOST, HOST6, '--selector', 's1'];

let lab: Internet;
/** Without any fault. */
let sound: Judged;
beforeAll(async () => {
  lab = await startInternet([]);
  sound = await lab.mailcheck(FULL);
});
afterAll(() => lab?.close());

test('without a fault it passes', () => {
  expect({ code: sound.code, verdict: sound.report.verdict }).toEqual({ code: 0, verdict: 'pass' });
  expect(Object.keys(sound.rules)).toHaveLength(17);
});

const relay = (settings: Readonly<Record<string, unknown>>): readonly string[] => [
  process.execPath,
  RELAY,
  JSON.stringify({ port: 53, to: RESOLVER, toPort: 53, ...settings }),
];

describe('a bad wire', () => {
  test('200 ms of delay and 2 % of packets lost change nothing but the time', async () => {
    const far = lab.net.host('far');
    const netem = ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', '200ms', 'loss', '2%'];
    if ((await far.run(netem)).code === 0) {
      expect(await lab.mailcheck(FULL, far)).toMatchObject({ code: 0, rules: sound.rules });
      return;
    }
    // This kernel has no netem.
    const wire = { delayMs: 200, loss: 0.02, seed: 9 };
    let lost = 0;
    const [address] = SPARE;
    const dns = await lab.startResolver(() => relay({ listen: address, ...wire }), {
      address,
      onOutput: (text) => {
        lost += text.split('lost').length - 1;
      },
    });
    const mail = lab.net.host('good');
    const slow = (listen: string, port: number) =>
      relay({ listen, port, to: listen, toPort: 25, delayMs: 200, udp: false });
    const wires = [mail.start(slow(HOST, 2525)), mail.start(slow(HOST6, 2526))];
    try {
      for (const [ip, port] of [
        [HOST, 2525],
        [HOST6, 2526],
      ])
        await untilItSays(far, knock(String(ip), Number(port)), '220 ');
      const detour = ['--connect-to', `${HOST}:25:${HOST}:2525`, '--connect-to', `[${HOST6}]:25:[${HOST6}]:2526`];
      expect(await lab.mailcheck([...FULL, ...detour, '--dns', address], far)).toMatchObject({
        code: 0,
        rules: sound.rules,
      });
      const { stdout } = await far.run(['dig', '+tries=9', `@${address}`, 'mail.example.com', 'A']);
      expect(Number(/Query time: (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(200);
      expect(lost).toBeGreaterThan(0);
    } finally {
      for (const wire of wires) wire.kill('SIGKILL');
      await dns.stop();
    }
  });

  const lookups = ['--only', 'dns,ptr,helo,spf,dkim,dmarc', '--helo', 'mail.example.com'];

  test('a resolver that needs 2 s for every answer changes nothing', async () => {
    const [, address] = SPARE;
    const slow = await lab.startResolver(() => relay({ listen: address, delayMs: 2000 }), { address });
    try {
      const { code, rules } = await lab.mailcheck([...FULL, ...lookups, '--dns', address]);
      expect(code).toBe(0);
      for (const [rule, said] of Object.entries(rules)) expect(`${rule} ${said}`).toBe(`${rule} ${sound.rules[rule]}`);
    } finally {
      await slow.stop();
    }
  });

  test('one that needs longer than anybody waits leaves everything open', async () => {
    const [, , address] = SPARE;
    const slow = await lab.startResolver(() => relay({ listen: address, delayMs: 9000 }), { address });
    try {
      const { code, rules } = await lab.mailcheck([...FULL, ...lookups, '--dns', address]);
      expect({ code, statuses: statuses(rules) }).toEqual({ code: 3, statuses: ['inconclusive'] });
    } finally {
      await slow.stop();
    }
  });
});

const statuses = (rules: Judged['rules']): string[] => [
  ...new Set(Object.values(rules).map((said) => said.split(' ')[0] ?? '')),
];

const knock = (ip: string, port: number): string[] => [
  process.execPath,
  '-e',
  `const s=require('net').connect(${port},'${ip}');s.on('data',d=>{process.stdout.write(d);s.end()});s.on('error',()=>{})`,
];

describe('a resolver that is killed', () => {
  const [, , , address] = SPARE;
  const start = (dieAfter: number | undefined, onOutput?: (text: string) => void) =>
    lab.startResolver(
      (configuration) =>
        relay({
          listen: address,
          to: '127.0.0.1',
          toPort: 5300,
          dieAfter,
          command: ['unbound', '-d', '-c', configuration],
        }),
      {
        address,
        unbound: unboundConfiguration(lab.tree, { addresses: ['127.0.0.1'], port: 5300 }),
        ...(onOutput ? { onOutput } : {}),
      },
    );

  /** The relay counts from the knock that found it ready, so that it dies at the run’s question of that number. */
  test.each([1, 10, 40])('with the run’s question %i', async (question) => {
    let killed = false;
    const resolver = await start(question, (text) => {
      killed ||= text.includes('killed');
    });
    try {
      const started = performance.now();
      const { code, report, rules } = await lab.mailcheck([...FULL, '--dns', address, '--timeout', '30']);
      expect(performance.now() - started).toBeLessThan(45_000);
      expect(killed).toBe(true);
      expect({ code, verdict: report.verdict }).toEqual({ code: 3, verdict: 'inconclusive' });
      // What had its answers before is as it was; nothing else is.
      for (const [rule, said] of Object.entries(rules)) {
        if (!said.startsWith('inconclusive')) expect(`${rule} ${said}`).toBe(`${rule} ${sound.rules[rule]}`);
      }
      expect(rules.rbl).toMatch(/^inconclusive/);
      if (question === 1) {
        const open = Object.entries(rules).filter(([, said]) => said.startsWith('inconclusive'));
        expect(open.map(([rule]) => rule)).toEqual(
          expect.arrayContaining(['dns', 'ptr', 'spf', 'dkim', 'dmarc', 'mx']),
        );
      }
    } finally {
      await resolver.stop();
    }
  });

  test('and started again', async () => {
    const resolver = await start(undefined);
    try {
      expect(await lab.mailcheck([...FULL, '--dns', address])).toMatchObject({ code: 0, rules: sound.rules });
    } finally {
      await resolver.stop();
    }
  });

  test('while another is there', async () => {
    const resolver = await start(10);
    try {
      const judged = await lab.mailcheck([...FULL, '--dns', address, '--dns', RESOLVER]);
      expect(judged).toMatchObject({ code: 0, rules: sound.rules });
    } finally {
      await resolver.stop();
    }
  });
});

describe('a resolver that says something else', () => {
  const OLD = `$TTL 60
@ SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60
@ NS auth.ns.lab.example.
@ MX 10 mail
@ TXT "v=spf1 ip4:198.51.100.7 -all"
mail A ${HOST}
`;
  const [address] = SPARE;
  const withOldZone = async (server: string[], section: string) => {
    const file = join(lab.directory, 'old.zone');
    writeFileSync(file, OLD);
    const sections = [`auth-zone:\n  name: "example.com"\n  zonefile: "${file}"\n  fallback-enabled: no\n  ${section}`];
    const unbound = unboundConfiguration(lab.tree, { addresses: [address], server, sections });
    const resolver = await lab.startResolver((configuration) => ['unbound', '-d', '-c', configuration], {
      address,
      unbound,
    });
    try {
      return await lab.mailcheck([
        'example.com',
        HOST,
        '--only',
        'spf',
        '--helo',
        'mail.relay.example.net',
        '--dns',
        address,
      ]);
    } finally {
      await resolver.stop();
    }
  };

  test('an old copy of the zone is what is judged, and whose it was is said', async () => {
    const { code, rules, report } = await withOldZone([], 'for-downstream: yes\n  for-upstream: no');
    expect({ code, ...rules }).toEqual({ code: 1, spf: 'fail spf/not-public-range spf/ip-not-authorized' });
    expect(report.target.resolvers).toEqual([`${address}#53`]);
  });

  test('an old copy that a validating resolver does not believe', async () => {
    const { code, rules } = await withOldZone([], 'for-downstream: no\n  for-upstream: yes');
    expect({ code, ...rules }).toEqual({ code: 3, spf: 'inconclusive spf/inconclusive' });
  });

  test('an address of its own for every name that does not exist', async () => {
    const [, bind] = SPARE;
    const zone = join(lab.directory, 'redirect.zone');
    writeFileSync(zone, '$TTL 60\n@ SOA . . 1 600 300 86400 60\n@ NS .\n* A 198.51.100.80\n');
    const configuration = join(lab.directory, 'redirect.conf');
    writeFileSync(
      configuration,
      `options { directory "/tmp"; pid-file none; session-keyfile none; lock-file none; listen-on { ${bind}; };
listen-on-v6 { none; }; recursion yes; allow-recursion { any; }; dnssec-validation no; empty-zones-enable no; };
controls { };
zone "." { type hint; file "${lab.tree.rootHints}"; };
zone "." { type redirect; file "${zone}"; };
`,
    );
    const named = lab.net.host('spare').start(['named', '-f', '-n', '1', '-c', configuration]);
    try {
      await untilItSays(
        lab.prober,
        ['dig', '+short', '+tries=1', '+time=2', `@${bind}`, 'gone.example', 'A'],
        '198.51.100.80',
      );
      const { code, rules } = await lab.mailcheck([
        ...FULL,
        ...['--only', 'dns,rbl', '--helo', 'mail.example.com', '--dns', bind],
      ]);
      expect(code).toBe(3);
      expect(rules.dns).toBe('inconclusive dns/ip-not-public dns/ip-not-public dns/resolver-rewrites');
      expect(rules.rbl).toBe('inconclusive rbl/inconclusive');
    } finally {
      named.kill('SIGKILL');
    }
  });
});

describe('the report cannot be written', () => {
  const only = ['example.com', HOST, '--only', 'dns,ptr,spf', '--helo', 'mail.example.com', '-q', '--allow-private'];
  const args = [...only, '--dns', RESOLVER];
  /** Runs in a mount namespace of its own, so that what is mounted is gone with it. */
  const shell = (script: string, ...words: string[]) =>
    lab.prober.run(['bash', '-c', script, 'bash', process.execPath, CLI, ...args, ...words], {
      env: { DIRECTORY: join(lab.directory, 'full') },
    });
  const inIt = () => join(lab.directory, 'full', 'report.json');
  const failsWith = (file: string, reason: string) =>
    expect.stringMatching(new RegExp(`^mailcheck: cannot write "${file}": ${reason}.*\\n$`));
  const IN_TMPFS = 'mkdir -p $DIRECTORY; mount -t tmpfs -o size=4k tmpfs $DIRECTORY || exit 99; cd $DIRECTORY;';

  test('a full disk: nothing is left of it', async () => {
    const { code, stdout, stderr } = await shell(
      `${IN_TMPFS} "$@"; code=$?; ls -A; exit $code`,
      '-v',
      '-f',
      'json',
      '-o',
      inIt(),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual(failsWith(inIt(), 'the disk is full'));
  });

  test('a full disk: the report of before is still there', async () => {
    const script = `${IN_TMPFS} echo before >report.json; "$@"; code=$?; ls -A; cat report.json; exit $code`;
    const { code, stdout } = await shell(script, '-v', '-f', 'json', '-o', inIt());
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'report.json\nbefore\n' });
  });

  test('/dev/full', async () => {
    const { code, stdout, stderr } = await shell('"$@"', '-f', 'json', '-o', '/dev/full');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual(failsWith('/dev/full', 'the disk is full'));
  });

  test('stdout is full', async () => {
    const { code, stderr } = await shell('"$@" >/dev/full', '-f', 'json');
    expect(code).toBe(2);
    expect(stderr).toBe('mailcheck: cannot write to stdout: the disk is full\n');
  });

  test('a read-only directory', async () => {
    const script = `${IN_TMPFS} mount -o remount,ro $DIRECTORY; "$@"; code=$?; ls -A; exit $code`;
    const { code, stdout, stderr } = await shell(script, '-f', 'json', '-o', inIt());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual(failsWith(inIt(), 'the file system is read-only'));
  });

  test('nobody reads it to its end', async () => {
    const { stdout, stderr } = await shell('"$@" | head -1; echo "$PIPESTATUS"', '-v');
    expect(stdout).toMatch(/^PASS: the 3 checks that ran found no .*\n0\n$/);
    expect(stderr).toBe('');
  });
});
