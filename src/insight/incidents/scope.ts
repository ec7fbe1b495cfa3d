import type { IncidentScope } from '../../domain/incident-scope.ts';

/** One thing that peers share. All of them have the same object, so membership is a comparison. */
export class Scope {
  readonly name: IncidentScope;
  /** What it is a value of: all racks are of one dimension. */
  readonly dimension: string;
  /** How many known peers share it. */
  members = 0;

  constructor(name: IncidentScope) {
    this.name = name;
    this.dimension = dimensionOf(name);
  }
}

/** All scopes that known peers share. One that nobody shares any longer is forgotten. */
export class Scopes {
  readonly #byKey = new Map<string, Scope>();

  /** One more peer shares it. */
  enter(name: IncidentScope): Scope {
    const key = keyOf(name);
    let scope = this.#byKey.get(key);
    if (scope === undefined) this.#byKey.set(key, (scope = new Scope(name)));
    scope.members += 1;
    return scope;
  }

  leave(scope: Scope): void {
    scope.members -= 1;
    if (scope.members === 0) this.#byKey.delete(keyOf(scope.name));
  }
}

function dimensionOf({ kind, value }: IncidentScope): string {
  return kind === 'label' ? `label ${labelOf(value)}` : kind;
}

/** The name in `NAME=VALUE`. */
export function labelOf(value: string): string {
  return value.slice(0, value.indexOf('='));
}

function keyOf({ kind, value }: IncidentScope): string {
  return `${kind} ${value}`;
}
