/** Record types and classes by number (IANA DNS parameters), as far as a validator knows them. */

export { TYPE, typeName } from '../../network/dns/record-types.ts';

export const CLASS_IN = 1;
