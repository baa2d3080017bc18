/**
 * Prints the software bill of materials of the package, as CycloneDX: `npm run -s sbom`. The build has to be made before.
 * npm lists every package that is installed here. Only those whose code is in dist/ are kept.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bundledPackages } from '../third-party-notices.mjs';
import { type Bom, bomOfBundle } from './release/bom.ts';

const root = new URL('../', import.meta.url);
const npm = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'];
const all = execFileSync('npm', npm, {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
const notices = readFileSync(new URL('THIRD-PARTY-NOTICES.txt', root), 'utf8');
process.stdout.write(`${JSON.stringify(bomOfBundle(JSON.parse(all) as Bom, bundledPackages(notices)), null, 2)}\n`);
