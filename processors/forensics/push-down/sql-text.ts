// Parts of SQL. Texts of rules come from anybody: only printable ASCII becomes a literal.

/** True for a text that is the same in the record, in a column and in SQL. */
export function isPlainText(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

/** A literal. @throws RangeError for a text that is not plain */
export function textSql(text: string): string {
  if (!isPlainText(text)) throw new RangeError('a text that is no literal')
  return `'${text.replaceAll("'", "''")}'`
}

export function listSql(texts: readonly string[]): string {
  return `(${texts.map(textSql).join(', ')})`
}

/** One of them; false for none. */
export function anyOf(alternatives: readonly string[]): string {
  if (alternatives.length === 0) return 'false'
  return alternatives.length === 1 ? (alternatives[0] ?? 'false') : `(${alternatives.join(' OR ')})`
}
