// What an expression found may still be no secret: a word, a variable, a path. Such values stay, because rules read them.

/** openssl: where the password comes from. */
const SOURCE = /^(?:pass|env|file|fd):/
/** Values that say something about a secret. */
const WORDS = new Set([
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  'none',
  'null',
  'nil',
  'undefined',
  'default',
  'prompt',
  'ask',
  'env',
  'stdin',
])
const VARIABLE = /^\$(?:\w+|\{\w+\})$|^%\w+%$|^\{\{[^}]*\}\}$/
const PATH =
  /^(?:file:\/\/)?\/(?:etc|usr|var|home|root|tmp|run|proc|sys|dev|opt|bin|sbin|lib|lib64|mnt|media|srv|boot|data|app|secrets?|keys?|certs?)(?:\/|$)|^(?:\.{1,2}|~)\//
const INTERPRETERS = /(?:^|\/)(?:perl|ruby|node|nodejs|lua|php)[\d.]*$/

/** True unless bytes[start, end) is a word, a variable, a path, or was replaced before. */
export function isSecretValue(text: string): boolean {
  if (text === '' || text.startsWith('[redacted') || /^[*]+$/.test(text)) return false
  return !WORDS.has(text.toLowerCase()) && !VARIABLE.test(text) && !SOURCE.test(text) && !PATH.test(text)
}

/**
 * True if the argument that contains `at` is the program text of a shell or an interpreter (`sh -c TEXT`): an option is no option there, and
 * what looks like its value may be a command.
 */
export function isProgramText(args: Buffer, at: number): boolean {
  const start = args.lastIndexOf(0, at - 1) + 1
  if (start === 0) return false
  const before = args.toString('latin1', args.lastIndexOf(0, start - 2) + 1, start - 1)
  if (/^[-+][A-Za-z]{0,7}c$/.test(before)) return true
  if (!/^-[A-Za-z]{0,3}[eErp]$/.test(before)) return false
  const program = args.indexOf(0)
  return INTERPRETERS.test(args.toString('latin1', 0, program))
}
