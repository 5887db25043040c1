import { createRandom } from './seed.ts';

const random = createRandom(process.pid);
const LONGEST_MS = 30;

/**
 * Delivers a message twice, each time a little later than it came: what comes after it may overtake it.
 * @public imported by the text that disturb.shim.ts puts into a role
 */
export function disturb<M extends object>(message: M, deliver: (message: M) => void): void {
  setTimeout(() => deliver(message), random.int(0, LONGEST_MS));
  // Another object, as a second delivery would be.
  setTimeout(() => deliver(Object.create(message) as M), random.int(0, LONGEST_MS));
}
