/** Gives what the preflight of the run found of the resolver. */
import { fact, type Needs } from './fact.ts';

/** Tells what is wrong with the resolver. `null` if its answers can be judged. */
export const resolverFault = fact(({ resolverFault: found }: Needs<'resolverFault'>) => found());
