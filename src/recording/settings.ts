/** Converts settings to the form that a recording keeps, which has no secrets, and back for a replay. */

import { recordedSettings, type Settings } from '../check/settings.ts';
import type { ListKeys } from '../knowledge/lists/catalogue.ts';
import type { RecordedRun } from './schema.ts';

type Kept = Pick<RecordedRun, 'settings' | 'listKeys' | 'connectTo'>;

/** @returns the settings that are declared as recorded. Each list key is replaced by a number. */
export function keepSettings(settings: Settings): Kept {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const keys = Object.entries(settings.listKeys ?? {});
  const distinct = [...new Set(keys.map(([, key]) => key))];
  const { connectTo } = settings;
  return {
    // The schema drops every setting that it does not name.
    settings: recordedSettings.parse(given),
    listKeys: keys.map(([variable, key]) => ({ variable, key: distinct.indexOf(key) })),
    connectTo: connectTo ? [...connectTo].map(([from, { host, port }]) => ({ from, host, port })) : null,
  };
}

/** @returns the settings for a replay: those of the recorded run, with stand-ins for the list keys. */
export function giveSettings({ settings, listKeys, connectTo }: Kept): Settings {
  return {
    ...settings,
    ...(listKeys.length > 0 ? { listKeys: standIns(listKeys) } : {}),
    ...(connectTo ? { connectTo: new Map(connectTo.map(({ from, host, port }) => [from, { host, port }])) } : {}),
  };
}

/**
 * Makes a stand-in for each list key. With it the replay asks the same lists as the recorded run. Stand-ins are masked
 * in all output, as keys are.
 */
function standIns(listKeys: Kept['listKeys']): ListKeys {
  return Object.fromEntries(listKeys.map(({ variable, key }) => [variable, `stand-in-for-list-key-${key}`]));
}
