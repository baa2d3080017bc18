/** The formats in which mailcheck writes changes of DNS records, in one table. */
import type { PlanWriter } from './codec.ts';

/** A format of a plan file. */
export interface PlanFormat {
  /** What the user types. */
  readonly id: string;
  readonly title: string;
  /** The endings of file names that mean the format. Several formats may have the same one. */
  readonly extensions: readonly string[];
  /** What begins a comment that ends with its line. `null` for a format without comments. */
  readonly comment: '#' | ';' | '//' | null;
  load(): Promise<PlanWriter>;
}

export const PLAN_FORMATS: readonly PlanFormat[] = [
  {
    id: 'zone',
    title: 'zone file',
    extensions: ['.zone', '.db'],
    comment: ';',
    load: async () => (await import('./zone.ts')).write,
  },
  {
    id: 'nsupdate',
    title: 'script for nsupdate',
    extensions: ['.nsupdate'],
    comment: ';',
    load: async () => (await import('./nsupdate.ts')).write,
  },
  {
    id: 'route53',
    title: 'change batch of Route 53',
    extensions: ['.json'],
    comment: null,
    load: async () => (await import('./route53.ts')).write,
  },
  {
    id: 'octodns',
    title: 'zone file of octoDNS (YAML)',
    extensions: ['.yaml', '.yml'],
    comment: '#',
    load: async () => (await import('./octodns.ts')).write,
  },
  {
    id: 'dnscontrol',
    title: 'JavaScript for dnscontrol',
    extensions: ['.js'],
    comment: '//',
    load: async () => (await import('./dnscontrol.ts')).write,
  },
];
