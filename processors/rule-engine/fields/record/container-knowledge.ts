// What is known of an event's container, as field values: known, absent, or unknown until facts arrive. Also the labels of its pod.
import type { ContainerFacts } from '../../../../schemas/generated/types.js'
import type { RuleEvent } from '../rule-event.js'
import { toByteText } from '../../text/byte-text.js'
import { type FieldValue, type Unknown, UNKNOWN } from '../field-value.js'

/** What {@link wholeContainerId} reads of the record. */
export const CLAIM_SOURCE = 'Process.containerClaim'

/** What {@link containerIdValue} reads of it. */
export const CONTAINER_ID_SOURCE = `${CLAIM_SOURCE} Process.isContainerUnknown`

/** Rules compare the first 12 digits. */
const SHORT_ID_LENGTH = 12

/** Full id of the container; null on the host; UNKNOWN while that is undecided; undefined if it was never decided. */
export function wholeContainerId({ event, container }: RuleEvent): string | null | undefined | Unknown {
  switch (container.state) {
    case 'host':
      return null
    case 'known':
      return container.containerId
    case 'unknown':
      return container.containerId ?? UNKNOWN
    case 'absent':
      if (container.containerId !== null) return container.containerId
      // A process that names a cgroup after another container must not appear as that container.
      if (container.isClaimRefuted) return null
      // No runtime ever answered. The cgroup still names a container, and rules about containers must apply to it.
      return event.record.process.containerClaim ?? undefined
  }
}

/** True if the event is definitely on the host. */
export function isOnHost(ruleEvent: RuleEvent): boolean {
  return wholeContainerId(ruleEvent) === null
}

/** Not the id of any container: the event may be of the host or of any of them, and that was never decided. */
const UNDECIDED = 'unknown'

/** `container.full_id`: `host`, the whole id, or `unknown` if it was never decided whether there is a container. */
export function fullContainerIdValue(ruleEvent: RuleEvent): string | undefined | Unknown {
  const id = wholeContainerId(ruleEvent)
  if (id === null) return 'host'
  if (id === undefined && ruleEvent.event.record.process.isContainerUnknown) return UNDECIDED
  return typeof id === 'string' ? toByteText(id) : id
}

/** `container.id`: the same, at most 12 characters. */
export function containerIdValue(ruleEvent: RuleEvent): string | undefined | Unknown {
  const id = fullContainerIdValue(ruleEvent)
  return typeof id === 'string' ? id.slice(0, SHORT_ID_LENGTH) : id
}

/**
 * Whether an event whose facts never came may be one of the host although it may be one of a container, too: its cgroup was never known, or
 * another user than root could choose the name that claims the container.
 */
export function mayBeOnHost({ event, container }: RuleEvent): boolean {
  if (container.state !== 'absent' || container.containerId !== null || container.isClaimRefuted) return false
  const { isContainerUnknown, containerClaim, claimUid } = event.record.process
  return isContainerUnknown || (containerClaim !== null && claimUid !== 0)
}

/** A value that depends on the container's facts. Absent on the host. */
export function factValue({ container }: RuleEvent, read: (facts: ContainerFacts) => FieldValue): FieldValue {
  if (container.state === 'unknown') return UNKNOWN
  return container.state === 'known' ? read(container.facts) : undefined
}

const isOwn = (name: string): boolean => !name.startsWith('annotation.') && !name.startsWith('io.kubernetes.')

/** `name:value` of each label of the pod; undefined outside Kubernetes. */
export function podLabels(facts: ContainerFacts): string[] | undefined {
  if (facts.pod === null) return undefined
  return Object.entries(facts.labels)
    .filter(([name]) => isOwn(name))
    .map(([name, value]) => toByteText(value === '' ? name : `${name}:${value}`))
}

/** All labels in one text. */
export function podLabelsText(labels: Readonly<Record<string, string>>): string {
  return toByteText(
    Object.entries(labels)
      .filter(([name]) => isOwn(name))
      .map(([name, value]) => (value === '' ? name : `${name}:${value}`))
      .join(', '),
  )
}
