import type { ObjectMeta, Texts } from './watched-objects.ts';

/** Labels while they are gathered. */
export type GatheredLabels = Record<string, string>;

/** The beginning of every label that comes from Kubernetes. */
const PREFIX = '__meta_kubernetes_';

/** Sets `__meta_kubernetes_NAME`; null sets nothing. */
export function setMeta(labels: GatheredLabels, name: string, value: string | null): void {
  if (value !== null) labels[`${PREFIX}${name}`] = value;
}

/**
 * Sets what every object has: `_name`, `_label_*`, `_labelpresent_*`, `_annotation_*`, `_annotationpresent_*` behind the
 * name of its kind. Of two names that become the same, the later one by the order of their bytes is taken.
 */
export function setObjectMeta(labels: GatheredLabels, kind: string, meta: ObjectMeta): void {
  setMeta(labels, `${kind}_name`, meta.name);
  setTexts(labels, [`${kind}_label_`, `${kind}_labelpresent_`], meta.labels);
  setTexts(labels, [`${kind}_annotation_`, `${kind}_annotationpresent_`], meta.annotations);
}

/** Sets a label with the text, and one that says `true`, for each of the texts. */
export function setTexts(
  labels: GatheredLabels,
  [value, present]: readonly [value: string, present: string],
  texts: Texts,
): void {
  for (const [name, text] of texts) {
    const suffix = labelNameOf(name);
    setMeta(labels, `${value}${suffix}`, text);
    setMeta(labels, `${present}${suffix}`, 'true');
  }
}

/** What a name of Kubernetes becomes within the name of a label. */
export function labelNameOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}
