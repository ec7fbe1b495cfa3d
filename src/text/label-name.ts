/** Label names that every version of Prometheus takes. */
export const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether this is such a name. */
export function isLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}
