// What found no room in the tables of a program, by interval: the kernel only cumulates it.

/** Gives what came since the last reading. */
export class OverflowSteps {
  #before: readonly number[] = []

  step(overflow: readonly number[]): readonly number[] {
    const steps = overflow.map((count, index) => count - (this.#before[index] ?? 0))
    this.#before = overflow
    return steps
  }
}
