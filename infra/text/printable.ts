// Makes external text safe for a terminal: attackers can choose names of processes, files and rules, and answers of services.
// Everything that prints or logs for people uses it. Knows no terminal and no log.

// C1 controls, DEL, and characters that change the direction of text or are invisible. JSON escapes C0 controls, but none of these.
const BEYOND_C0 = '\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb'
const HARMFUL = new RegExp(`[\\u0000-\\u001f${BEYOND_C0}]`, 'g')
const HARMFUL_IN_JSON = new RegExp(`[${BEYOND_C0}]`, 'g')

const NAMED = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** The text with control characters escaped as \n, \t, \x1b, \u202e. */
export function printable(text: string): string {
  return text.replace(HARMFUL, (character) => {
    const named = NAMED.get(character)
    if (named !== undefined) return named
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character)
  })
}

/** Text of several lines, each printable; lines after the first are indented, so that none looks like the output of another program. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n  ')
}

/** The same JSON, safe for a terminal: characters that JSON does not escape become JSON escapes. */
export function printableJson(json: string): string {
  return json.replace(HARMFUL_IN_JSON, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `1 file`, `2 files`. @param plural if it is more than an added s */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${String(count)} ${count === 1 ? noun : plural}`
}
