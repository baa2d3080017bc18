/** `--baseline` holds the MTA-STS policy of the earlier report against that of now. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { mailcheck, startWorld } from '../world/world.ts';

const policy = (maxAge: number): string =>
  `version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: ${maxAge}\r\n`;

/** Writes a report on a domain with this policy under this id. */
async function report(file: string, { id, maxAge }: { id: string; maxAge: number }, ...args: string[]) {
  const world = await startWorld({
    dns: {
      zone: {
        'example.com': { MX: ['10 mail.example.com'], A: ['203.0.113.5'] },
        'mail.example.com': { A: ['203.0.113.5'] },
        'mta-sts.example.com': { A: ['203.0.113.80'] },
        '_mta-sts.example.com': { TXT: [`v=STSv1; id=${id};`] },
      },
    },
    hosts: { '203.0.113.5': 'refused' },
    web: { '203.0.113.80': { body: policy(maxAge) } },
  });
  try {
    await mailcheck([
      'example.com',
      '203.0.113.5',
      '--only',
      'mta-sts',
      '--format',
      `json=${file}`,
      ...args,
      ...world.args,
    ]);
  } finally {
    await world.close();
  }
  return reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

test('mta-sts: a policy that changed under the same id is found by the baseline, and by it alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailcheck-mta-sts-'));
  try {
    const before = join(folder, 'before.json');
    const now = join(folder, 'now.json');
    const first = await report(before, { id: '1', maxAge: 86_400 });
    expect(first.mtaSts).toEqual({ id: '1', mode: 'enforce', mx: ['mail.example.com'], maxAge: 86_400 });
    const codes = async (given: { id: string; maxAge: number }, ...args: string[]) =>
      (await report(now, given, ...args)).rules.flatMap(({ findings }) => findings.map(({ code }) => code));
    const changed = { id: '1', maxAge: 172_800 };
    expect(await codes(changed, '--baseline', before)).toContain('mta-sts/id-unchanged');
    expect(await codes(changed)).not.toContain('mta-sts/id-unchanged');
    expect(await codes({ ...changed, id: '2' }, '--baseline', before)).not.toContain('mta-sts/id-unchanged');
  } finally {
    await rm(folder, { recursive: true });
  }
});
