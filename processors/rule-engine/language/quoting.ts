// Quoted texts of the condition language: what an escape means, and how a text is written so that it is read back the same.

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '\\': '\\', '/': '/', ' ': '\\' }

/**
 * The text between quotes, escapes resolved.
 * @param body what stands between the quotes
 * @param quote the quote it stood in; the other quote must not be escaped
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

/** The text in double quotes, escaped. */
export function quote(text: string): string {
  let body = ''
  for (const char of text) {
    const written = WRITTEN[char]
    if (written !== undefined) body += written
    else if (char < ' ' || char === '\x7f') body += `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
    else body += char
  }
  return `"${body}"`
}
