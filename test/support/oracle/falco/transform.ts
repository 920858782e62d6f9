// Values of operands: fields as they are, and transformed fields. An absent field stays absent.
import { toBytes } from '../bytes.js'
import type { Call, Input, Operand } from './condition.js'
import { type Family, type OracleEvent, type OracleValue, type Scalar, kindOf, OPEN } from './oracle-event.js'
import type { Plurality } from '../../../../processors/rule-engine/fields/field.js'

/** A value and how it is compared. */
export interface OperandValue {
  readonly value: OracleValue
  readonly family: Family
  readonly plurality: Plurality
}

export function valueOf(operand: Operand, event: OracleEvent): OperandValue {
  if (operand.kind === 'field') {
    const { family, plurality } = kindOf(operand)
    return { value: event.read(operand), family, plurality }
  }
  return called(operand, event)
}

function called(call: Call, event: OracleEvent): OperandValue {
  const inputs = call.inputs.map((input) => inputValue(input, event))
  const [first = NOTHING] = inputs
  const isSelection = call.name === 'getopt'
  const family = call.name === 'len' ? 'number' : isSelection || call.name === 'join' || call.name === 'concat' ? 'text' : first.family
  const plurality =
    isSelection && call.index === null ? 'list' : call.name === 'len' || isSelection || call.name === 'join' ? 'one' : first.plurality
  const result = (value: OracleValue): OperandValue => ({ value, family, plurality })
  if (inputs.some(({ value }) => value === undefined)) return result(undefined)
  if (inputs.some(({ value }) => value === OPEN)) return result(OPEN)
  const values = inputs.map(({ value }) => value as Scalar | readonly Scalar[])
  return result(transformed(call, values, first.plurality))
}

const NOTHING: OperandValue = { value: undefined, family: 'text', plurality: 'one' }

function inputValue(input: Input, event: OracleEvent): OperandValue {
  if (input.kind === 'text') return { value: input.text, family: 'text', plurality: 'one' }
  if (input.kind !== 'inputs') return valueOf(input, event)
  const items = input.items.map((item) => inputValue(item, event).value)
  if (items.includes(undefined)) return { ...NOTHING, plurality: 'list' }
  const value = items.includes(OPEN) ? OPEN : items.flatMap((item) => item as Scalar | Scalar[])
  return { value, family: 'text', plurality: 'list' }
}

function transformed({ name, index }: Call, values: readonly (Scalar | readonly Scalar[])[], plurality: Plurality): OracleValue {
  const [first = '', second = ''] = values
  switch (name) {
    case 'tolower':
      return each(first, (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
    case 'toupper':
      return each(first, (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()))
    case 'basename':
      return each(first, (text) => text.slice(text.lastIndexOf('/') + 1))
    case 'b64':
      return each(first, (text) => Buffer.from(text, 'base64').toString('latin1'))
    case 'len':
      return BigInt(plurality === 'list' ? [first].flat().length : String(first).length)
    case 'join':
      return [second]
        .flat()
        .map(asText)
        .join(asText(first as Scalar))
    case 'concat':
      return values.flat().map(asText).join('')
    case 'getopt':
      return options([first].flat().map(asText), String(second), index)
    default:
      throw new TypeError(`no transformer ${name}`)
  }
}

function each(value: Scalar | readonly Scalar[], change: (text: string) => string): Scalar | readonly Scalar[] {
  return typeof value === 'object' ? value.map((member) => change(String(member))) : change(String(value))
}

function asText(value: Scalar): string {
  return typeof value === 'string' ? value : toBytes(String(value))
}

/** Letters of the options that were given, each with its argument; `?` for an unknown one. With an index: the argument of that letter. */
function options(args: readonly string[], wanted: string, index: string | null): OracleValue {
  const found: string[] = []
  const byLetter = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? ''
    if (argument === '--') break
    if (!/^-[^-]/.test(argument)) continue
    for (let letterAt = 1; letterAt < argument.length; letterAt++) {
      const letter = argument.charAt(letterAt)
      const place = wanted.indexOf(letter)
      if (place < 0 || letter === ':') found.push('?')
      else {
        found.push(letter)
        if (wanted.charAt(place + 1) !== ':') continue
        const value = argument.slice(letterAt + 1) || args[++at]
        if (value !== undefined) {
          found.push(value)
          byLetter.set(letter, value)
        }
        break
      }
    }
  }
  return index === null ? found : byLetter.get(index)
}
