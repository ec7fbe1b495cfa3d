/** Keys and indexes from the root to a value. */
export type Path = readonly (string | number)[];

/**
 * A path as people write it; `the file` for the root.
 *
 * @example pathText(['groups', 0, 'tls', 'ca_file'])  // 'groups[0].tls.ca_file'
 */
export function pathText(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}
