/** The manifests of docs/kubernetes: their fields agree with each other, and what they type is understood. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { commandTree } from '../../src/cli/command-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { readQueueAddress } from '../../src/fleet/queue/address.ts';
import { readShard } from '../../src/fleet/shard.ts';
import { EXIT } from '../../src/report/status.ts';

function manifest(name: string) {
  const text = readFileSync(new URL(`../../docs/kubernetes/${name}.yaml`, import.meta.url), 'utf8');
  return parse(text, { strict: true, uniqueKeys: true });
}

/** The value of an option, after each of its names. */
function after(args: readonly string[], option: string): string[] {
  return args.flatMap((word, index) => (word === option ? [args[index + 1] ?? ''] : []));
}

function unknownOptions([command = '', ...args]: readonly string[]): string[] {
  const { options = [] } = commandTree(buildProgram()).commands.find(({ name }) => name === command) ?? {};
  const known = options.flatMap(({ names }) => names);
  return args.filter((word) => word.startsWith('-') && !known.includes(word));
}

const hardened = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

test('the Indexed Job has as many pods as shards, and retries what a retry helps', () => {
  const { kind, spec } = manifest('shards');
  const [container] = spec.template.spec.containers;
  expect([kind, spec.completionMode, spec.template.spec.restartPolicy]).toEqual(['Job', 'Indexed', 'Never']);
  expect(unknownOptions(container.args)).toEqual([]);
  const [shard = ''] = after(container.args, '--shard');
  const last = { JOB_COMPLETION_INDEX: String(spec.completions - 1) };
  expect(readShard(shard, last)).toEqual({ index: spec.completions, count: spec.completions });
  const actions = Object.fromEntries(
    spec.podFailurePolicy.rules.flatMap(
      ({ action, onExitCodes }: { action: string; onExitCodes?: { values: number[] } }) =>
        (onExitCodes?.values ?? []).map((value) => [value, action]),
    ),
  );
  expect(actions).toEqual({ [EXIT.failed]: 'FailIndex', [EXIT.usage]: 'FailJob', [EXIT.inconclusive]: 'FailIndex' });
  for (const { onExitCodes } of spec.podFailurePolicy.rules) {
    if (onExitCodes) expect(onExitCodes.containerName).toBe(container.name);
  }
  expect(spec.backoffLimitPerIndex).toBeGreaterThan(0);
  expect(container.securityContext).toEqual(hardened);
  const mounts = container.volumeMounts.map(({ name }: { name: string }) => name);
  expect(spec.template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(mounts);
  expect(after(container.args, '--state')).toEqual([container.volumeMounts[1].mountPath]);
  // Each pod has a folder of its own, and finds it again.
  expect(container.volumeMounts[1].subPathExpr).toBe(`$(${container.env[0].name})`);
});

test('a worker of the Deployment has the time to end what is under way', () => {
  const { kind, spec } = manifest('workers');
  const pod = spec.template.spec;
  const [container] = pod.containers;
  expect([kind, spec.template.metadata.labels]).toEqual(['Deployment', spec.selector.matchLabels]);
  expect(unknownOptions(container.args)).toEqual([]);
  expect(readQueueAddress(after(container.args, '--queue')[0] ?? '').host).toBe('mailcheck-queue');
  const timeout = commandTree(buildProgram())
    .commands.find(({ name }) => name === 'fleet')
    ?.options.find(({ names }) => names.includes('--timeout'));
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
    Number(/default: "(\d+)"/.exec(timeout?.description ?? '')?.[1] ?? 60),
  );
  expect(container.securityContext).toEqual(hardened);
});
