// The transformer `getopt`: short options of an argument list, as getopt(3) reads them. Parsing stops at `--` and at the first word that is no
// option. Long options are skipped.

interface OptionTable {
  readonly known: ReadonlySet<string>
  readonly withValue: ReadonlySet<string>
}

/**
 * @param words the argument list, byte text
 * @param optionText `nt:`: option n, and t with a value
 * @param wanted an option character, to get its last value; null for all options with their values
 * @returns all options and values in order (`?` for unknown ones), or with `wanted` its value or name; undefined if it is absent
 */
export function readOptions(words: readonly string[], optionText: string, wanted: string | null): string[] | string | undefined {
  const table = readTable(optionText)
  const found: string[] = []
  let last: string | undefined
  const emit = (name: string, value?: string): void => {
    if (wanted === null) found.push(...(value === undefined ? [name] : [name, value]))
    else last = value ?? name
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '--' || !word.startsWith('-') || word.length === 1) break
    if (word.startsWith('--')) continue
    for (let at = 1; at < word.length; at++) {
      const option = word.charAt(at)
      const isWanted = wanted === null || wanted === option
      if (option === ':' || !table.known.has(option)) {
        if (wanted === null) emit('?')
        continue
      }
      if (!table.withValue.has(option)) {
        if (isWanted) emit(option)
        continue
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : words[++i]
      // A missing value is an empty text, so that `getopt(...)[t] != ""` requires a value.
      if (isWanted) emit(value === undefined ? '' : option, value)
      break
    }
  }
  return wanted === null ? found : last
}

function readTable(optionText: string): OptionTable {
  const known = new Set<string>()
  const withValue = new Set<string>()
  for (let i = optionText.startsWith(':') ? 1 : 0; i < optionText.length; i++) {
    const option = optionText.charAt(i)
    if (option === ':') continue
    known.add(option)
    if (optionText.charAt(i + 1) === ':') withValue.add(option)
  }
  return { known, withValue }
}
