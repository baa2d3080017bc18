import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTransportLab, type TransportLab } from './transport.ts';
import { transportCases } from './transport-cases.ts';
import { writeFileSync } from 'node:fs';

let lab: TransportLab;
beforeAll(async () => { const t=Date.now(); lab = await startTransportLab(); console.log('start', Date.now()-t); });
afterAll(() => lab?.close());

test('explore', async () => {
  const domains = transportCases.map(({ domain }) => domain);
  let t=Date.now();
  const out = await lab.sender.run(['sh', '-c', `for d in "$@"; do echo "== $d"; posttls-finger -T 5 -t 10 -l dane -c -L verbose,summary "$d" 2>&1; done`, 'sh', ...domains]);
  writeFileSync('/tmp/lab-posttls.txt', out.stdout + out.stderr);
  console.log('posttls', Date.now()-t);
  t=Date.now();
  const words = (await import('node:fs')).readFileSync(lab.trustAnchor, 'utf8').trim().split(/\s+/); const at = words.indexOf('DNSKEY');
  writeFileSync(`${lab.directory}/delv.key`, `trust-anchors { . static-key ${words.slice(at+1,at+4).join(' ')} "${words.slice(at+4).join('')}"; };`);
  const d = await lab.prober.run(['sh', '-c', `for d in "$@"; do echo "== $d"; delv @192.0.2.53 -a ${lab.directory}/delv.key +root=. $d MX 2>&1; done`, 'sh', ...domains]);
  writeFileSync('/tmp/lab-delv.txt', d.stdout + d.stderr);
  console.log('delv', Date.now()-t);
  expect(out.code).toBe(0);
});
