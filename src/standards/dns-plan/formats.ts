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
  {
    id: 'terraform-aws',
    title: 'Terraform for AWS',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/aws.ts')).write,
  },
  {
    id: 'terraform-cloudflare',
    title: 'Terraform for Cloudflare',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/cloudflare.ts')).write,
  },
  {
    id: 'terraform-google',
    title: 'Terraform for Google Cloud',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/google.ts')).write,
  },
  {
    id: 'terraform-azure',
    title: 'Terraform for Azure',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/azure.ts')).write,
  },
  {
    id: 'terraform-digitalocean',
    title: 'Terraform for DigitalOcean',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/digitalocean.ts')).write,
  },
  {
    id: 'terraform-hetzner',
    title: 'Terraform for Hetzner',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/hetzner.ts')).write,
  },
  {
    id: 'terraform-ovh',
    title: 'Terraform for OVHcloud',
    extensions: ['.tf'],
    comment: '#',
    load: async () => (await import('./terraform/ovh.ts')).write,
  },
];
