interface Version {
  readonly id: number;
  readonly version: string;
}

interface Link {
  readonly version_id: number;
  /** `child`: it contains that one. `subject`: it is about that one. */
  readonly kind: string;
  readonly digest: string;
}

/**
 * Versions of one package that name each other: an index its images, a signature what it signs. What is contained in another
 * version, or is about one, lives as long as that does.
 */
export class LinkedVersions<Row extends Version> {
  readonly #all: readonly Row[];
  /** By the version that stays: those that stay with it. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #dependent = new Set<string>();

  constructor(all: readonly Row[], links: readonly Link[]) {
    this.#all = all;
    const names = new Map(all.map(({ id, version }) => [id, version]));
    const present = new Set(names.values());
    for (const { version_id, kind, digest } of links) {
      const own = names.get(version_id);
      // A version can name itself in no way but by a broken hash.
      if (own === undefined || !present.has(digest) || own === digest) continue;
      const [keeper, kept] = kind === 'child' ? [own, digest] : [digest, own];
      const dependents = this.#dependents.get(keeper) ?? new Set();
      dependents.add(kept);
      this.#dependents.set(keeper, dependents);
      this.#dependent.add(kept);
    }
  }

  belongsToAnother({ version }: Version): boolean {
    return this.#dependent.has(version);
  }

  /**
   * What goes when these go: they themselves, and what nothing that stays keeps.
   * @param isHeld what stays for its own sake, e.g. since it has a tag
   */
  goingWith(expired: readonly Row[], isHeld: (version: Row) => boolean): readonly Row[] {
    const going = new Set(expired.map(({ version }) => version));
    const staying = new Set<string>();
    const queue = this.#all
      .filter((row) => !going.has(row.version) && (!this.#dependent.has(row.version) || isHeld(row)))
      .map(({ version }) => version);
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (staying.has(next)) continue;
      staying.add(next);
      queue.push(...(this.#dependents.get(next) ?? []));
    }
    return this.#all.filter(({ version }) => !staying.has(version));
  }
}
