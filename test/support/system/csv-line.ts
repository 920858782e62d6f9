// One line of CSV back into its fields, as RFC 4180 says, without leniency: for tests of what is printed.

/** The fields of a line. @throws Error for a line that is not well formed */
export function csvFields(line: string): string[] {
  const fields: string[] = []
  let rest = line
  for (;;) {
    // TEXTDATA or DQUOTE *(TEXTDATA / COMMA / 2DQUOTE) DQUOTE, section 2.
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest)
    if (match === null) throw new Error(`no CSV: ${JSON.stringify(line)}`)
    const [whole, quoted, plain = '', end] = match
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '') return fields
    rest = rest.slice(whole.length)
  }
}
