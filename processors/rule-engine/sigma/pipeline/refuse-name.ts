// What of a pipeline is not taken, by its name: with the reason where it is known, else with what is near.
import { nearestName } from '../../../../infra/text/nearest.js'
import { pipelineProblem } from './step-reader.js'
import type { StepReader } from './step-reader.js'

/** Parts of pySigma that mean nothing here, or not the same. */
const REFUSED: Readonly<Record<string, string>> = {
  query_expression_placeholders: 'it makes text of a query, and no query is made here',
  regex: 'texts are compared without case already',
  case: 'texts are compared without case already',
  convert_type: 'texts and numbers are compared alike already',
  hashes_fields: 'records have one hash, of the executable',
  field_name_transform: 'name each field in a field_name_mapping',
  strict_field_mapping_failure: 'a rule with a field that no record has says so by itself',
  set_custom_attribute: 'rules have no attributes of their own',
  nest: 'write the steps one behind the other',
  template: 'it makes text of a query, and no query is made here',
}

/** @throws ItemError at the name */
export function refuseName(reader: StepReader, what: string, name: string, known: readonly string[]): never {
  const reason = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined
  const place = reader.placeOf('type')
  if (reason !== undefined) throw pipelineProblem(`${what} '${name}' is not supported: ${reason}`, place)
  const near = nearestName(name, known)
  const help = near === undefined ? `: expected ${known.join(', ')}` : ` (did you mean '${near}'?)`
  throw pipelineProblem(`unknown ${what} '${name}'${help}`, place)
}
