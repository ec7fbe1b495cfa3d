/** The cost in a bcrypt hash: each step takes twice as long. NaN where the text is no bcrypt hash. */
export function bcryptCost(hash: string): number {
  return Number(/^\$2[abxy]\$(\d\d)\$/.exec(hash)?.[1] ?? NaN);
}

/** The costs that these users' hashes have, each once, the lowest first. */
export function bcryptCosts(users: Readonly<Record<string, string>>): readonly number[] {
  return [...new Set(Object.values(users).map(bcryptCost))].toSorted((a, b) => a - b);
}
