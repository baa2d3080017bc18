/** fast-check with the seed of the tests: a property has the same inputs in every run. A failure prints the seed. */
import fc from 'fast-check';
import { seed } from './sample.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export default fc;
