// The log source of a Sigma rule, as its `source` says it.
import type { CompiledRule } from '../../rule-set/compiled-rule.js'

/** Parts of a log source. */
export interface LogSourceParts {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

/** `product linux, category process_creation` as parts. */
export function logSourceOf({ source }: CompiledRule): LogSourceParts {
  return Object.fromEntries(source.split(', ').map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]))
}
