import { z } from 'zod';
import { RELABEL_ACTIONS, type RelabelAction } from '../../settings/relabel-rule.ts';
import { LABEL_NAME } from '../../text/label-name.ts';
import { fieldNotes } from './field-schemas.ts';

/** Prometheus takes numbers and booleans as the text that is written, and `regex: true` is in many configurations. */
function writtenText(expected: string) {
  return z.union([z.string(), z.number(), z.boolean()]).register(fieldNotes, { expected });
}

const labelName = z
  .string()
  .regex(LABEL_NAME)
  .register(fieldNotes, { expected: 'a label name: letters, digits and _, not beginning with a digit' });

const action = z
  .string()
  .transform((written, context): RelabelAction => {
    const found = RELABEL_ACTIONS.find((word) => word === written.toLowerCase());
    if (found !== undefined) return found;
    context.addIssue({ code: 'invalid_value', values: [], input: written });
    return z.NEVER;
  })
  .register(fieldNotes, { expected: `one of ${RELABEL_ACTIONS.join(', ')}` });

/** Above 2^53 the number is not exact: the text is what counts, and it is checked later. */
const modulus = z
  .number()
  .multipleOf(1)
  .min(0)
  .max(2 ** 64)
  .register(fieldNotes, { expected: 'a whole number from 0 to 18446744073709551615' });

/** One rule of `relabel_configs`. No key has a default here: some actions refuse keys that are written. */
const relabelConfigSchema = z
  .strictObject({
    action: action.optional().describe('What the rule does, in any case. Default replace.'),
    source_labels: z
      .array(labelName)
      .register(fieldNotes, { expected: 'a list of label names' })
      .optional()
      .describe('Labels whose values, joined, the rule looks at. One that is missing counts as empty.'),
    separator: writtenText('a string').optional().describe('What stands between the joined values. Default ;.'),
    regex: writtenText('a regular expression, as a string')
      .optional()
      .describe(
        'RE2; has to match the whole value, or the whole name for labelmap, labeldrop and labelkeep. Default (.*).',
      ),
    target_label: writtenText('a label name')
      .optional()
      .describe('The label that is set, or compared. With replace it may have $1, ${1} or ${name} for a group.'),
    replacement: writtenText('a string')
      .optional()
      .describe('The new value, or name for labelmap, with $1, ${1} or ${name} for a group. Default $1.'),
    modulus: modulus.optional().describe('For hashmod: the hash is taken modulo this.'),
  })
  .register(fieldNotes, { expected: 'a map with action, source_labels, regex, target_label' });

/** The `relabel_configs` of a group. */
export const relabelConfigsSchema = z
  .array(relabelConfigSchema)
  .register(fieldNotes, { expected: 'a list of rules' })
  .optional()
  .describe('Rules that each target goes through before it becomes a peer, as in Prometheus: docs/discovery.md.');

export type RelabelConfigValues = z.output<typeof relabelConfigSchema>;
