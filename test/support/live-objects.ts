import { queryObjects } from 'node:v8';

/**
 * How many objects this isolate holds after a full collection: plain objects, arrays, functions, buffers, instances.
 * Strings and numbers are not counted. Two counts can be compared exactly, which bytes of heap cannot.
 */
export function liveObjects(): number {
  return queryObjects(Object, { format: 'count' });
}
