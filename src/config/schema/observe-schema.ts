import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';

/** The `observe` of a group: there is nothing to set. */
export const observeSchema = z.strictObject({}).register(fieldNotes, { expected: 'an empty map, {}' });
