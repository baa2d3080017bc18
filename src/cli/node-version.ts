/** The versions of Node.js that mailcheck runs on. This file is read by older ones too, so it keeps to plain syntax. */

/** As in `engines` of package.json, which npm only warns about. */
export const OLDEST_NODE = '20.19';

/** @returns the one line to print where this version of Node.js is too old, and nothing else where it is not. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Node.js ${OLDEST_NODE} or later is needed, and this is ${version}. Install a newer one from https://nodejs.org/ or with your version manager, such as: nvm install 22`;
}
