/** The one table of the Terraform resources that hold DNS records. */
import { kinds as aws } from './aws.ts';
import { kinds as azure } from './azure.ts';
import { kinds as cloudflare } from './cloudflare.ts';
import { kinds as digitalocean } from './digitalocean.ts';
import { kinds as google } from './google.ts';
import { kinds as hetzner } from './hetzner.ts';
import type { Kind } from './kind.ts';
import { kinds as others } from './others.ts';
import { kinds as ovh } from './ovh.ts';

/** The kinds of resources, by the type of the resource. */
export const KINDS: ReadonlyMap<string, Kind> = new Map(
  [aws, azure, cloudflare, digitalocean, google, hetzner, ovh, others].flat().map((kind) => [kind.resource, kind]),
);
