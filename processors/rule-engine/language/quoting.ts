// Quoted texts of the condition language: where they end, what escapes mean, and how to write a text so that it is read back unchanged.

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '\\': '\\', '/': '/', ' ': '\\' }

/**
 * The index of the quote that closes the one at `start`; -1 if there is none.
 *
 * As in Falco, a quote closes the text unless a backslash directly precedes it, whatever that backslash escapes: `'a\\'b'` is one text. If no
 * such quote follows, backslashes count in pairs, so that `'a\\'` can be the last quoted text of its kind.
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
 * @param body the characters between the quotes
 * @param quote the enclosing quote, which stands for itself if unescaped; the other quote must not be escaped
 * @returns the text, or why it is refused
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
 * @param isReadBack the text will be parsed again: a final backslash becomes `\ `, which is read as one backslash and does not escape the quote after it
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
