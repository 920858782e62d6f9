// Counts that found no room in the tables of a program, by interval. The kernel counts them cumulatively.

/** Turns cumulative counts into counts since the last reading. */
export class OverflowSteps {
  #before: readonly number[] = []

  step(overflow: readonly number[]): readonly number[] {
    const steps = overflow.map((count, index) => count - (this.#before[index] ?? 0))
    this.#before = overflow
    return steps
  }
}
