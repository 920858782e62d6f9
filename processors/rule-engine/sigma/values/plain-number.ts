// Numbers of a rule as events write them: `0x1F`, `1.0` and `007` without quotes are 31, 1 and 7. Everything else is compared as text.

const NUMBER = /^[+-]?(?:0[xX][0-9a-fA-F]+|0o[0-7]+|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?)$/

/** The number that an unquoted scalar means, written as events write it; null when it is none, or is written so already. */
export function plainNumber(text: string): string | null {
  if (text.length > 40 || !NUMBER.test(text)) return null
  const sign = text.startsWith('-') ? -1 : 1
  const number = sign * Number(text.replace(/^[+-]/, ''))
  const written = String(number)
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER && written !== text ? written : null
}
