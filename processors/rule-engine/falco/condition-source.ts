// The source text of each node of a tree: that of the condition, or that of an expanded macro. A mistake in a macro is reported at its own place, also if
// a rule reveals it.
import type { PlacedText } from './definitions.js'
import type { Expression, Operand, Place, TransformerInput } from '../language/tree.js'
import type { FilePlace } from '../read/rule-file.js'
import { toByteText } from '../text/byte-text.js'

/** A condition as written and as parsed, with exceptions appended and lists expanded. */
export interface ConditionSource {
  readonly written: PlacedText
  readonly parsed: string
}

/** The sources of all places in the trees of one load. */
export class SourceMap {
  readonly #sources = new WeakMap<Place, ConditionSource>()

  register(tree: Expression, source: ConditionSource): void {
    forEachPlace(tree, (place) => this.#sources.set(place, source))
  }

  /** The file place of a tree place; null if no registered tree has it. */
  locate(place: Place): FilePlace | null {
    const source = this.#sources.get(place)
    return source === undefined ? null : locateInSource(source, place.index)
  }
}

/** The file place of a byte index of the parsed text: the same occurrence of the same word. */
export function locateInSource({ written, parsed }: ConditionSource, index: number): FilePlace {
  const bytes = toByteText(parsed)
  if (parsed === written.text && bytes === parsed) return written.places.at(index)
  const word = /^[^\s()=,"']+/.exec(bytes.slice(index, index + 200))?.[0]
  if (word === undefined) return written.places.start
  const occurrence = countOccurrences(bytes.slice(0, index), word)
  let at = -1
  for (let i = 0; i <= occurrence; i++) {
    const next = written.text.indexOf(word, at + 1)
    if (next < 0) break
    at = next
  }
  return at < 0 ? written.places.start : written.places.at(at)
}

function countOccurrences(text: string, word: string): number {
  let count = 0
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) count++
  return count
}

function forEachPlace(tree: Expression, visit: (place: Place) => void): void {
  const visitOperand = (operand: Operand | TransformerInput): void => {
    visit(operand.place)
    if (operand.kind === 'transformer') operand.inputs.forEach(visitOperand)
    else if (operand.kind === 'inputs') operand.items.forEach(visitOperand)
  }
  const walk = (node: Expression): void => {
    visit(node.place)
    if (node.kind === 'and' || node.kind === 'or') node.children.forEach(walk)
    else if (node.kind === 'not') walk(node.child)
    else if (node.kind === 'exists') visitOperand(node.left)
    else if (node.kind === 'comparison') {
      visitOperand(node.left)
      if (node.right.kind === 'value' || node.right.kind === 'values') visit(node.right.place)
      else visitOperand(node.right)
    }
  }
  walk(tree)
}
