// Quoted texts of the condition language: where one ends, what an escape means, and how a text is written so that it is read back the same.

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '\\': '\\', '/': '/', ' ': '\\' }

/**
 * Where the quoted text ends whose opening quote stands at `start`; -1 when it does not end.
 *
 * As Falco has it, a quote closes when no backslash stands right before it, whatever that backslash escapes: `'a\\'b'` is one text. Where none
 * closes so, backslashes count in pairs: `'a\\'` can stand behind the last quote of its kind.
 * @see https://github.com/falcosecurity/libs/blob/master/userspace/libsinsp/filter/parser.cpp lex_quoted_str
 */
export function closingQuote(input: string, start: number): number {
  const quote = input.charAt(start)
  for (let at = input.indexOf(quote, start + 1); at >= 0; at = input.indexOf(quote, at + 1)) {
    if (input.charAt(at - 1) !== '\\') return at
  }
  for (let at = start + 1; at < input.length; at++) {
    const char = input.charAt(at)
    if (char === '\\') at++
    else if (char === quote) return at
  }
  return -1
}

/**
 * The text between quotes, escapes resolved.
 * @param body what stands between the quotes
 * @param quote the quote it stood in, which is itself where no backslash escapes it; the other quote must not be escaped
 * @returns the text, or the reason why it is refused
 */
export function unescapeQuoted(body: string, quote: string): { text: string } | { problem: string } {
  let text = ''
  for (let i = 0; i < body.length; i++) {
    const char = body.charAt(i)
    if (char !== '\\') {
      text += char
      continue
    }
    const escaped = body.charAt(++i)
    if (escaped === '"' || escaped === "'") {
      if (escaped !== quote) return { problem: `invalid \\${escaped} escape in ${quote}-quoted string` }
      text += escaped
    } else if (escaped === 'x') {
      const hex = body.slice(i + 1, i + 3)
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return { problem: `invalid hex escape sequence: \\x${hex}` }
      text += String.fromCharCode(parseInt(hex, 16))
      i += 2
    } else {
      const plain = ESCAPES[escaped]
      if (plain === undefined) return { problem: `unsupported string escape sequence: \\${escaped}` }
      text += plain
    }
  }
  return { text }
}

const WRITTEN: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
}

/**
 * The text in double quotes, escaped.
 * @param isReadBack it will be parsed again: a backslash at the end is then `\ `, which reads as one and keeps the quote behind it from seeming escaped
 */
export function quote(text: string, isReadBack: boolean): string {
  let body = ''
  for (const char of text) {
    const written = WRITTEN[char]
    if (written !== undefined) body += written
    else if (char < ' ' || char === '\x7f') body += `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
    else body += char
  }
  return isReadBack && text.endsWith('\\') ? `"${body.slice(0, -1)} "` : `"${body}"`
}
