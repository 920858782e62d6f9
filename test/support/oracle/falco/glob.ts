// fnmatch(3) without flags over bytes, and the paths of `pmatch`.

/** True when the glob matches the whole value: `*` any bytes including slashes, `?` one byte, `[…]` one of a class, `\` escapes. */
export function globMatches(glob: string, value: string): boolean {
  // reachable[j]: the glob so far can match the first j bytes.
  let reachable = new Array<boolean>(value.length + 1).fill(false)
  reachable[0] = true
  for (const token of tokensOf(glob)) {
    const next = new Array<boolean>(value.length + 1).fill(false)
    if (token === 'star') {
      const first = reachable.indexOf(true)
      if (first >= 0) next.fill(true, first)
    } else {
      for (let at = 0; at < value.length; at++) if (reachable[at] === true && token(value.charAt(at))) next[at + 1] = true
    }
    reachable = next
  }
  return reachable[value.length] === true
}

/** True when the path equals one of these paths or is below it. Components with `*`, `?` or `[` are globs; empty components are ignored. */
export function isBelow(path: string, prefix: string): boolean {
  const components = path.split('/').filter((component) => component !== '')
  const wanted = prefix.split('/').filter((component) => component !== '')
  return (
    wanted.length <= components.length &&
    wanted.every((one, at) => (/[*?[]/.test(one) ? globMatches(one, components[at] ?? '') : one === components[at]))
  )
}

type Token = 'star' | ((character: string) => boolean)

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < glob.length; at++) {
    const character = glob.charAt(at)
    if (character === '*') tokens.push('star')
    else if (character === '?') tokens.push(() => true)
    else if (character === '\\') {
      const literal = glob.charAt(++at)
      tokens.push((given) => given === literal)
    } else {
      const end = character === '[' ? classEnd(glob, at) : -1
      if (end < 0) tokens.push((given) => given === character)
      else {
        tokens.push(classOf(glob.slice(at + 1, end)))
        at = end
      }
    }
  }
  return tokens
}

/** Index of the `]` that ends the class that begins at `start`; -1 for none. A `]` in the first position is a member. */
function classEnd(glob: string, start: number): number {
  const first = /[!^]/.test(glob.charAt(start + 1)) ? start + 2 : start + 1
  return glob.indexOf(']', first + 1)
}

function classOf(inside: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(inside)
  const members = isNegated ? inside.slice(1) : inside
  const ranges: [low: string, high: string][] = []
  for (let at = 0; at < members.length; at++) {
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length
    ranges.push([members.charAt(at), members.charAt(isRange ? at + 2 : at)])
    if (isRange) at += 2
  }
  return (character) => ranges.some(([low, high]) => character >= low && character <= high) !== isNegated
}
