// Sets of bits as text, as rules write them: `CLONE_NEWNS|CLONE_NEWPID`. Knows no table; each stands in a file of its own.

/** Names of bits, in the order in which they are written. A name of several bits stands in front of those that it contains. */
export type FlagNames = readonly (readonly [name: string, bits: number])[]

/** Bits may stand above 2^31 (clone3), so plain arithmetic instead of 32-bit operators. */
function holds(value: number, bits: number): boolean {
  const high = Math.floor(bits / 2 ** 32)
  const low = bits % 2 ** 32
  return (Math.floor(value / 2 ** 32) & high) === high && (value & low) >>> 0 === low
}

/**
 * @param value bits, below 2^53; a negative one has no names
 * @returns names joined by `|`; empty when no bit has a name
 */
export function flagsText(value: number, names: FlagNames): string {
  const found: string[] = []
  if (value <= 0) return ''
  let rest = value
  for (const [name, bits] of names) {
    if (bits === 0 || !holds(rest, bits)) continue
    found.push(name)
    rest -= bits
  }
  return found.join('|')
}

/** A table from names with single bits, counted from bit 0; `-` leaves a bit out. */
export function bitNames(prefix: string, names: string): FlagNames {
  return names.split(' ').flatMap((name, bit): [string, number][] => (name === '-' ? [] : [[`${prefix}${name}`, 2 ** bit]]))
}
