// Converts a Sigma rule to a Falco rule if that is exact: program starts, compared as texts, in fields that both languages have.
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { printCondition } from '../../language/printer.js'
import type { Expression, Operand } from '../../language/tree.js'
import { priorityName } from '../../rule-set/priority.js'
import { converted, Inexact, falcoNameOf, START_CATEGORY, START_CONDITION, type Conversion } from './conversion.js'

/** The Falco rule. Case-insensitive comparisons become `tolower`, which knows only ASCII letters: other letters are refused. */
export function falcoFromSigma(rule: CompiledRule): Conversion {
  return converted(() => {
    if (rule.unavailable.length > 0) throw new Inexact(`it can't fire: ${rule.unavailable.join('; ')}`)
    const { category, service } = logSourceOf(rule)
    if (category !== START_CATEGORY || service !== undefined)
      throw new Inexact(`its log source (${rule.source}) corresponds to more than one kind of call in Falco`)
    const condition = printCondition(expression(rule.tree), 'parseable')
    return {
      rule: rule.name,
      desc: [rule.desc, rule.author === null ? '' : `By ${rule.author}.`, `Sigma rule ${rule.id}.`, ...rule.references]
        .filter((part) => part !== '')
        .join(' '),
      condition: `${START_CONDITION} and ${condition}`,
      output: `${rule.name.replaceAll('%', '')}: %proc.exeline (image=%proc.exepath parent=%proc.pexepath user=%user.name container=%container.name)`,
      priority: priorityName(rule.priority),
      tags: rule.tags,
    }
  })
}

function expression(tree: Expression): Expression {
  switch (tree.kind) {
    case 'and':
    case 'or':
      if (tree.children.length === 0) throw new Inexact('it is never true')
      return { ...tree, children: tree.children.map(expression) }
    case 'not':
      return { ...tree, child: expression(tree.child) }
    case 'exists':
      return { ...tree, left: operand(tree.left) }
    case 'comparison': {
      const isFolded = tree.left.kind === 'transformer'
      if (tree.right.kind === 'field' || tree.right.kind === 'transformer') throw new Inexact('two fields are compared')
      const texts = tree.right.kind === 'values' ? tree.right.texts : [tree.right.text]

      if (isFolded && texts.some((text) => /[^\x00-\x7f]/.test(text)))
        throw new Inexact('a value with non-ASCII letters is compared without case')
      return { ...tree, left: operand(tree.left) }
    }
    case 'macro':
      throw new Inexact(`a reference is left: ${tree.name}`)
  }
}

function operand(given: Operand): Operand {
  if (given.kind === 'field') return { ...given, name: nameOf(given.name) }
  const [input] = given.inputs
  if (given.name !== 'casefold' || input?.kind !== 'field') throw new Inexact(`a value is converted by ${given.name}`)
  return { ...given, name: 'tolower', inputs: [{ ...input, name: nameOf(input.name) }] }
}

function nameOf(sigmaName: string): string {
  const name = falcoNameOf(sigmaName)
  if (name === undefined) throw new Inexact(`no field of Falco is the same as ${sigmaName}`)
  return name
}

/** Parts of a log source. */
export interface LogSourceParts {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

/** `product linux, category process_creation` as parts. */
function logSourceOf({ source }: CompiledRule): LogSourceParts {
  return Object.fromEntries(source.split(', ').map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]))
}
