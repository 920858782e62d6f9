// A flag that may stand more than once.

/** For commander: gathers the values in their order. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
