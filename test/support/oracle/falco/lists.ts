// Lists of rule files. They are substituted as text before conditions are parsed, wherever the name is between delimiters.

const DELIMITERS = ' \t\n\r(),='
const BLANKS = ' \t\n\r'

/** Lists by name, in the order of their first definition, with the positions from which they see others. */
export class Lists {
  readonly #lists = new Map<string, { items: string[]; readonly index: number; seesBelow: number }>()
  #count = 0

  define(name: string, items: readonly string[]): void {
    const index = this.#lists.get(name)?.index ?? this.#count
    this.#lists.set(name, { items: [...items], index, seesBelow: this.#count++ })
  }

  append(name: string, items: readonly string[]): void {
    const list = this.#lists.get(name)
    if (list === undefined) throw new TypeError(`no list ${name}`)
    list.items.push(...items)
    list.seesBelow = this.#count++
  }

  /** The condition with every list substituted. */
  expand(condition: string): string {
    let text = condition
    for (const name of this.#lists.keys()) text = substitute(text, name, this.#itemsOf(name).join(', '))
    return text
  }

  /** The items. Names of earlier lists are replaced by the items of those (one level); items with a blank are quoted. */
  #itemsOf(name: string): string[] {
    const list = this.#lists.get(name)
    if (list === undefined) return []
    return list.items.flatMap((item) => {
      const other = this.#lists.get(item)
      return other !== undefined && other.index < list.seesBelow && item !== name ? other.items.map(quoted) : [quoted(item)]
    })
  }
}

/** An item as a condition writes it. */
export function quoted(item: string): string {
  const isQuoted = item.startsWith('"') || item.startsWith("'")
  return !isQuoted && /[ \t\n\r]/.test(item) ? `"${item}"` : item
}

function substitute(text: string, name: string, items: string): string {
  let result = ''
  let from = 0
  for (;;) {
    const start = text.indexOf(name, from)
    if (start < 0) return result + text.slice(from)
    const end = start + name.length
    const isFree = isDelimiter(text, start - 1) && isDelimiter(text, end)
    if (!isFree) {
      result += text.slice(from, start + 1)
      from = start + 1
      continue
    }
    let left = result + text.slice(from, start)
    let right = skipBlanks(text, end)
    left = left.replace(/[ \t\n\r]+$/, '')
    if (items === '') {
      if (left.endsWith(',')) left = left.slice(0, -1)
      else if (text.charAt(right) === ',') right++
    }
    result = `${left} ${items} `
    from = right
  }
}

function isDelimiter(text: string, at: number): boolean {
  return at < 0 || at >= text.length || DELIMITERS.includes(text.charAt(at))
}

function skipBlanks(text: string, at: number): number {
  let end = at
  while (end < text.length && BLANKS.includes(text.charAt(end))) end++
  return end
}
