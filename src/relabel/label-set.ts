/** Names and values of labels. */
export type Labels = Readonly<Record<string, string>>;

/** The labels of one target while rules change them. Nothing is copied before the first change. */
export class LabelSet {
  readonly #before: Labels;
  #changed: Map<string, string> | null = null;

  constructor(labels: Labels) {
    this.#before = labels;
    // An empty value is the same as no label.
    if (Object.values(labels).includes('')) this.#changed = filled(labels);
  }

  /** The value; empty where there is no such label. */
  get(name: string): string {
    if (this.#changed !== null) return this.#changed.get(name) ?? '';
    // A label may be called like a method of every object.
    return Object.hasOwn(this.#before, name) ? (this.#before[name] ?? '') : '';
  }

  /** An empty value removes the label. */
  set(name: string, value: string): void {
    if (this.get(name) === value) return;
    this.#changed ??= filled(this.#before);
    if (value === '') this.#changed.delete(name);
    else this.#changed.set(name, value);
  }

  /** All labels as they are now; later changes are not in it. */
  entries(): readonly (readonly [name: string, value: string])[] {
    return this.#changed === null ? Object.entries(this.#before) : [...this.#changed];
  }

  /** The labels after all changes: the object of before where there were none. */
  result(): Labels {
    return this.#changed === null ? this.#before : Object.fromEntries(this.#changed);
  }
}

function filled(labels: Labels): Map<string, string> {
  return new Map(Object.entries(labels).filter(([, value]) => value !== ''));
}
