/** Parses the options that spread a fleet over several processes. Part of what they need is in the environment. */
import { type QueueAddress, readQueueAddress } from '../../fleet/queue/address.ts';
import { readShard, type Shard } from '../../fleet/shard.ts';

/**
 * @returns the queue, with the credentials of the address or else of the environment.
 * @throws UsageError for a text that is no address of a queue. The message shows no credentials.
 */
export function parseQueue(text: string): QueueAddress {
  return readQueueAddress(text, process.env);
}

/**
 * @returns the shard. `job/5` takes the place of the pod from the environment.
 * @throws UsageError for a text that is no shard.
 */
export function parseShard(text: string): Shard {
  return readShard(text, process.env);
}
