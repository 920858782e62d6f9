// JSON values that stand behind each other in a text, on one line each or over several: what log shippers and dump tools write.

/** The values, or the line where it stops being JSON. */
export type JsonValues = { readonly values: readonly unknown[] } | { readonly problem: string; readonly line: number }

/** Reads the values of a text, in their order. */
export function jsonValues(text: string): JsonValues {
  const values: unknown[] = []
  let start = 0
  while (start < text.length) {
    start = skipBlanks(text, start)
    if (start >= text.length) break
    const end = endOfValue(text, start)
    try {
      values.push(JSON.parse(text.slice(start, end)))
    } catch (error) {
      return { problem: `no JSON: ${error instanceof Error ? error.message : String(error)}`, line: lineOf(text, start) }
    }
    start = end
  }
  return { values }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\r\n,'.includes(text.charAt(at))) at++
  return at
}

/** Behind the bracket that closes the one at `from`; the end of the text where none does. What is no object and no list ends with its line. */
function endOfValue(text: string, from: number): number {
  if (!'{['.includes(text.charAt(from))) {
    const end = text.indexOf('\n', from)
    return end < 0 ? text.length : end
  }
  let depth = 0
  let isInText = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInText) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isInText = false
    } else if (code === QUOTE) isInText = true
    else if (code === BRACE || code === BRACKET) depth++
    else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

const [BACKSLASH, QUOTE, BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET] = ['\\', '"', '{', '[', '}', ']'].map((one) => one.charCodeAt(0))

function lineOf(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++
  return line
}
