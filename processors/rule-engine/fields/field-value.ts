// The value of a field of one event: present, absent for good, or unknown until the container's facts arrive.
// Every evaluator relies on this distinction: an absent value makes a check false, an unknown value makes it unknown.

/** The value depends on container facts that may still arrive. */
export const UNKNOWN: unique symbol = Symbol('unknown until facts come')
export type Unknown = typeof UNKNOWN

/**
 * One value. Text and byte buffers are byte text; addresses are byte text of 4 or 16 bytes; whole numbers above 2^53 are bigint, all
 * others number (so that equal numbers are equal by `===`).
 */
export type ScalarValue = string | number | bigint | boolean

/** What an extractor returns: a list for fields with several members (see Plurality); undefined if the field can't be extracted. */
export type FieldValue = ScalarValue | readonly ScalarValue[] | undefined | Unknown

/** An integer in canonical form: number if that is exact, else bigint. */
export function wholeNumber(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** Microseconds as nanoseconds, exactly. */
export function nanoseconds(microseconds: number): number | bigint {
  const product = microseconds * 1000
  return Number.isSafeInteger(product) ? product : wholeNumber(BigInt(Math.trunc(microseconds)) * 1000n)
}

/** undefined for null, and for what is no number. */
export function inodeNumber(text: string | null): number | bigint | undefined {
  return text === null || !/^[0-9]{1,20}$/.test(text) ? undefined : wholeNumber(BigInt(text))
}
