/**
 * Checks the version of Node.js. Older versions must be able to parse this file, so it uses plain syntax only.
 */

/** The oldest supported version. It must match `engines` of package.json, which npm only warns about. */
export const OLDEST_NODE = '20.19';

/** @returns one line to print if this version of Node.js is too old, or `undefined` if it is not. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Node.js ${OLDEST_NODE} or later is needed, and this is ${version}. Install a newer one from https://nodejs.org/ or with your version manager, such as: nvm install 22`;
}
