/** A first character that no digit is, or a group; then word characters and groups. Nothing in it can match in two ways. */
const LABEL_TEMPLATE = /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/;

/** Whether this can become a label name once groups are put in: what Prometheus takes as the target of `replace`. */
export function isLabelTemplate(text: string): boolean {
  return LABEL_TEMPLATE.test(text);
}
