// All fields by name, and the resolution of a field with its argument: `evt.arg.flags`, `proc.aname[2]`, `k8s.pod.label[app]`.
import { nearestName } from '../../../infra/text/nearest.js'
import { fromByteText, toByteText } from '../text/byte-text.js'
import { CONTAINER_FIELDS } from './groups/container-fields.js'
import { DESCRIPTOR_FIELDS } from './groups/descriptor-fields.js'
import { eventArgumentNames, eventArgumentType } from './kernel-names/event-arguments.js'
import { EVENT_FIELDS } from './groups/event-fields.js'
import { EVENT_TIME_FIELDS } from './groups/event-time-fields.js'
import { isEventName } from './kernel-names/event-names.js'
import type { FieldArgument, FieldDefinition, Plurality } from './field.js'
import type { FieldType } from './field-type.js'
import { KUBERNETES_FIELDS } from './groups/kubernetes-fields.js'
import { LINEAGE_FIELDS } from './groups/lineage-fields.js'
import { OPEN_FIELDS, PATH_FIELDS } from './groups/path-fields.js'
import { DROP_FIELDS } from './groups/drop-fields.js'
import { OWN_FIELDS } from './groups/own-fields.js'
import { PLACE_FIELDS } from './groups/place-fields.js'
import { PROCESS_FIELDS } from './groups/process-fields.js'
import { PROGRAM_FIELDS } from './groups/program-fields.js'
import { SOCKET_FIELDS } from './groups/socket-fields.js'
import { THREAD_FIELDS, USER_FIELDS } from './groups/thread-fields.js'
import { TRANSFER_FIELDS } from './groups/transfer-fields.js'

/** Field groups in reading order. */
export const FIELD_GROUPS: readonly (readonly [title: string, fields: readonly FieldDefinition[]])[] = [
  ['event', [...EVENT_FIELDS, ...TRANSFER_FIELDS, ...OPEN_FIELDS]],
  ['time of the event', EVENT_TIME_FIELDS],
  ['process', [...LINEAGE_FIELDS, ...PROCESS_FIELDS]],
  ['thread', THREAD_FIELDS],
  ['user and group', USER_FIELDS],
  ['descriptor', DESCRIPTOR_FIELDS],
  ['connection', SOCKET_FIELDS],
  ['path and log line', PATH_FIELDS],
  ['container', CONTAINER_FIELDS],
  ['Kubernetes', KUBERNETES_FIELDS],
  ['program', PROGRAM_FIELDS],
  ['Eunomia alone', [...OWN_FIELDS, ...PLACE_FIELDS, ...DROP_FIELDS]],
]

const BY_NAME: ReadonlyMap<string, FieldDefinition> = new Map(
  FIELD_GROUPS.flatMap(([, fields]) => fields).map((definition) => [definition.name, definition]),
)

/** A field with its argument, as a condition uses it. */
export interface ResolvedField {
  readonly definition: FieldDefinition
  readonly argument: FieldArgument
  readonly type: FieldType
  readonly plurality: Plurality
  /** As the condition spells it, including the argument; the key of field maps. Unicode text. */
  readonly key: string
}

/** Fields whose argument is a suffix of the name: `evt.arg.flags`. */
const NAMED_BY_SUFFIX = [
  'evt.rawarg',
  'evt.arg',
  'evt.type.is',
  'thread.cgroup',
  'k8s.pod.label',
  'k8s.rc.label',
  'k8s.svc.label',
  'k8s.rs.label',
]

/** A name that the engine does not have, and the nearest one that it has, if that is near enough to be meant. */
export interface UnknownName {
  readonly near: string | undefined
}

/** Why a name and an argument are no field. `unknown` is set if the engine has no such field, argument or event type. */
export interface FieldProblem {
  readonly problem: string
  readonly unknown?: UnknownName
}

/**
 * Finds the field of a name and an argument.
 * @param name as in the condition
 * @param bracketArgument byte text of the argument in brackets; null for none
 * @returns the field, or a sentence that describes the mistake
 */
export function resolveField(name: string, bracketArgument: string | null): ResolvedField | FieldProblem {
  const key = bracketArgument === null ? name : fromByteText(`${name}[${bracketArgument}]`)
  const exact = BY_NAME.get(name)
  if (exact !== undefined) return withArgument(exact, bracketArgument, key)
  const prefix = NAMED_BY_SUFFIX.find((candidate) => name.startsWith(`${candidate}.`))
  const definition = prefix === undefined ? undefined : BY_NAME.get(prefix)
  if (definition === undefined || bracketArgument !== null) return unknownField(name, key)
  return withSuffix(definition, name.slice(definition.name.length + 1), key)
}

/** Nearest known name, if it is close enough. */
export function nearestFieldName(name: string): string | undefined {
  return nearestName(name, BY_NAME.keys())
}

function unknownField(name: string, key: string): FieldProblem {
  const near = nearestFieldName(name)
  return {
    problem: `filter_check called with nonexistent field ${key}${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
    unknown: { near },
  }
}

function withSuffix(definition: FieldDefinition, suffix: string, key: string): ResolvedField | FieldProblem {
  const isArgument = definition.name === 'evt.arg' || definition.name === 'evt.rawarg'
  const argumentType = eventArgumentType(suffix)
  if (isArgument && argumentType === undefined) {
    const near = nearestName(suffix, eventArgumentNames())
    return { problem: `unknown event argument ${suffix}${near === undefined ? '' : ` (did you mean '${near}'?)`}`, unknown: { near } }
  }
  if (definition.name === 'evt.type.is' && !isEventName(suffix))
    return { problem: `unknown event type ${suffix}`, unknown: { near: undefined } }
  const type = definition.name === 'evt.rawarg' ? (argumentType ?? definition.type) : definition.type
  return { definition, argument: toByteText(suffix), type, plurality: 'one', key }
}

function withArgument(definition: FieldDefinition, bracketArgument: string | null, key: string): ResolvedField | FieldProblem {
  const resolved = (argument: FieldArgument): ResolvedField => ({
    definition,
    argument,
    type: definition.type,
    plurality: argument === null || definition.plurality === 'list' ? definition.plurality : 'one',
    key,
  })
  const isNumber = bracketArgument !== null && /^[0-9]{1,9}$/.test(bracketArgument)
  switch (definition.argument) {
    case 'none':
      if (bracketArgument === null) return resolved(null)
      return {
        problem: `filter_check called with nonexistent field ${key}: '${definition.name}' takes no argument`,
        unknown: { near: undefined },
      }
    case 'index':
      if (bracketArgument === null || isNumber) return resolved(bracketArgument === null ? null : Number(bracketArgument))
      return { problem: `the argument of '${definition.name}' must be a number, not '${fromByteText(bracketArgument)}'` }
    case 'key':
      return resolved(bracketArgument)
    case 'requiredKey':
    case 'requiredIndexOrKey':
    case 'requiredNumber':
      if (bracketArgument === null || bracketArgument === '') return { problem: `the field '${definition.name}' requires an argument` }
      if (definition.argument === 'requiredKey' && definition.name.startsWith('evt.')) {
        return { problem: `${definition.name} fields must be expressed explicitly: ${definition.name}.NAME` }
      }
      if (definition.argument === 'requiredNumber' && !/^[0-9]+$/.test(bracketArgument)) {
        return { problem: `${bracketArgument} is not a valid number` }
      }
      return resolved(isNumber && definition.argument !== 'requiredKey' ? Number(bracketArgument) : bracketArgument)
  }
}
