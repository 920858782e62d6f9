// Names of containers by id, for `collect --container NAME`. Bounded: at the bound the one that was learned first is forgotten.

const MAX_NAMES = 20_000

/** Names that were told. */
export class ContainerNames {
  readonly #names = new Map<string, string>()
  readonly #maxNames: number
  /** Names that had to go for others. */
  forgotten = 0

  constructor(maxNames = MAX_NAMES) {
    this.#maxNames = maxNames
  }

  learn(containerId: string, name: string): void {
    const [first] = this.#names.keys()
    if (first !== undefined && this.#names.size >= this.#maxNames && !this.#names.has(containerId)) {
      this.#names.delete(first)
      this.forgotten++
    }
    this.#names.set(containerId, name)
  }

  nameOf(containerId: string): string | undefined {
    return this.#names.get(containerId)
  }
}
