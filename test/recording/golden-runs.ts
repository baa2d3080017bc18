/** Whole runs of many kinds, whose recordings are replayed with failures. Each has something to find. */
import { signMessage } from '../standards/dkim/sign.ts';
import { type CheckCase, recordIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';
import { closed, greylist, openRelay } from '../world/smtp.ts';
import { defaultListZones, reversed, worldAuthority } from '../world/world.ts';
