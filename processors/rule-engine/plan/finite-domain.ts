// Questions with a few possible answers: did the call succeed, for what is a file opened. Sets are bit masks.
import type { BoundComparison } from '../compile/bound-tree.js'
import { ROUTES } from '../../../infra/watch-plan/watch-plan.js'
import type { Domain, Possible } from '../analysis/possible.js'

/** Bits of {@link OUTCOME}. */
export const SUCCEEDED = 1
export const FAILED = 2

/** What a comparison of a single field with constants implies. */
type Implication = (field: string, operator: BoundComparison['operator'], constants: readonly unknown[]) => Possible<number> | null

function finiteDomain(all: number, imply: Implication): Domain<number> {
  return {
    all,
    none: 0,
    meet: (a, b) => a & b,
    join: (a, b) => a | b,
    ofCheck(check) {
      if (check.kind === 'exists' || check.modifier !== null || check.left.kind !== 'field' || check.right.kind !== 'constants') return null
      return imply(check.left.field.key, check.operator, check.right.constants)
    },
  }
}

const yes = (mask: number, all: number): Possible<number> => ({ whenTrue: mask, whenFalse: all & ~mask })
/** For a field that may be absent: then the check is false, whatever the answer. */
const yesIfThere = (mask: number, all: number): Possible<number> => ({ whenTrue: mask, whenFalse: all })

const isEqual = (operator: string): boolean => operator === '=' || operator === '==' || operator === 'in'
const boolOf = (constants: readonly unknown[]): boolean | null =>
  constants.length === 1 && typeof constants[0] === 'boolean' ? constants[0] : null

const OUTCOMES = SUCCEEDED | FAILED

const outcomeDomain = (resultFields: readonly string[]): Domain<number> =>
  finiteDomain(OUTCOMES, (field, operator, constants) => outcomeSaid(resultFields, field, operator, constants))

/** Whether the call succeeded. */
export const OUTCOME = outcomeDomain(['evt.rawres'])
/** The same for opens, whose result is `fd.num`; other calls may fail on a descriptor that they receive. */
export const OUTCOME_OF_OPEN = outcomeDomain(['evt.rawres', 'fd.num'])

function outcomeSaid(
  resultFields: readonly string[],
  field: string,
  operator: BoundComparison['operator'],
  constants: readonly unknown[],
): Possible<number> | null {
  if (field === 'evt.failed' && isEqual(operator)) {
    const wanted = boolOf(constants)
    return wanted === null ? null : yes(wanted ? FAILED : SUCCEEDED, OUTCOMES)
  }
  const isSigned = resultFields.includes(field)
  const bound = Number(constants[0])
  if (!isSigned || constants.length !== 1) return outcomeByName(field, operator, constants)
  if ((operator === '>=' && bound >= 0) || (operator === '>' && bound >= -1)) return yesIfThere(SUCCEEDED, OUTCOMES)
  if ((operator === '<' && bound <= 0) || (operator === '<=' && bound < 0)) return yesIfThere(FAILED, OUTCOMES)
  return isEqual(operator) ? yesIfThere(bound >= 0 ? SUCCEEDED : FAILED, OUTCOMES) : null
}

function outcomeByName(field: string, operator: string, constants: readonly unknown[]): Possible<number> | null {
  if (field !== 'evt.res' || !isEqual(operator)) return null
  const wanted = constants.reduce((mask: number, name) => mask | (name === 'SUCCESS' ? SUCCEEDED : FAILED), 0)
  return yesIfThere(wanted, OUTCOMES)
}

const ALL_ROUTES = (1 << ROUTES.length) - 1

/** How the call came into the kernel: a bit for each of {@link ROUTES}. */
export const ROUTE: Domain<number> = finiteDomain(ALL_ROUTES, (field, operator, constants) => {
  if (field !== 'evt.route' || !isEqual(operator)) return null
  const wanted = ROUTES.reduce((mask, symbol, route) => (constants.includes(symbol) ? mask | (1 << route) : mask), 0)
  return yesIfThere(wanted, ALL_ROUTES)
})

/** In the order of OPEN_INTENTS. */
const INTENTS = ['evt.is_open_read', 'evt.is_open_write', 'evt.is_open_create', 'evt.is_open_setid']
/** Ways to open: each a set of intents, as bits. */
const WAYS = [...Array(1 << INTENTS.length).keys()]
/** One bit for each way. */
const ALL_MODES = 2 ** WAYS.length - 1

function modesWith(intent: number): number {
  return WAYS.reduce((mask, way) => ((way & (1 << intent)) === 0 ? mask : mask | (1 << way)), 0)
}

/** For what a file is opened: which of the ways. */
export const OPEN_MODES: Domain<number> = finiteDomain(ALL_MODES, (field, operator, constants) => {
  const intent = INTENTS.indexOf(field)
  const wanted = boolOf(constants)
  if (intent < 0 || wanted === null || !(isEqual(operator) || operator === '!=')) return null
  const modes = modesWith(intent)
  return yes(wanted === isEqual(operator) ? modes : ALL_MODES & ~modes, ALL_MODES)
})

/** Sets of intents, the smallest first; none is not one. */
const CHOICES: readonly (readonly number[])[] = WAYS.slice(1)
  .map((way) => INTENTS.flatMap((_, intent) => ((way & (1 << intent)) === 0 ? [] : [intent])))
  .sort((a, b) => a.length - b.length)

/** The smallest set of intents (places in OPEN_INTENTS) of which every wanted open has one; null if an open with none of them is wanted. */
export function neededIntents(modes: number): readonly number[] | null {
  const wanted = WAYS.filter((way) => (modes & (1 << way)) !== 0)
  return CHOICES.find((choice) => wanted.every((way) => choice.some((intent) => (way & (1 << intent)) !== 0))) ?? null
}
