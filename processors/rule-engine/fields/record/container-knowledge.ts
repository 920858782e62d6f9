// What is known of an event's container, as field values: known, absent, or unknown until facts arrive. Also the labels of its pod.
import type { ContainerFacts } from '../../../../schemas/generated/types.js'
import type { RuleEvent } from '../rule-event.js'
import { toByteText } from '../../text/byte-text.js'
import { type FieldValue, type Unknown, UNKNOWN } from '../field-value.js'

/** What the id in {@link ContainerKnowledge} comes from. */
export const CONTAINER_ID_SOURCE = 'Process.containerId Process.containerClaim Process.isContainerUnknown'

/** Rules compare the first 12 digits. */
const SHORT_ID_LENGTH = 12

/** Full id of the container; null on the host; UNKNOWN while that is undecided; undefined if it was never decided. */
export function wholeContainerId({ container }: RuleEvent): string | null | undefined | Unknown {
  switch (container.state) {
    case 'host':
      return null
    case 'known':
    case 'absent':
      return container.containerId
    case 'unknown':
      return container.containerId ?? UNKNOWN
  }
}

/** True if the event is definitely on the host. */
export function isOnHost(ruleEvent: RuleEvent): boolean {
  return wholeContainerId(ruleEvent) === null
}

/** Not the id of any container: the event may be of the host or of any of them, and that was never decided. */
const UNDECIDED = 'unknown'

/** `container.full_id`: `host`, the whole id, or `unknown` if it was never decided whether there is a container. */
export function fullContainerIdValue(ruleEvent: RuleEvent): string | Unknown {
  const id = wholeContainerId(ruleEvent)
  if (id === null) return 'host'
  if (id === undefined) return UNDECIDED
  return typeof id === 'string' ? toByteText(id) : id
}

/** `container.id`: the same, at most 12 characters. */
export function containerIdValue(ruleEvent: RuleEvent): string | Unknown {
  const id = fullContainerIdValue(ruleEvent)
  return typeof id === 'string' ? id.slice(0, SHORT_ID_LENGTH) : id
}

/**
 * Whether an event whose facts never came may be one of the host although it may be one of a container, too: that was never decided, or
 * another user than root could choose the name that claims the container. Of outer claims it is not known who could.
 */
export function mayBeOnHost({ event, container }: RuleEvent): boolean {
  if (container.state !== 'absent') return false
  if (!container.isClaimed) return container.containerId === undefined
  const { containerClaim, claimUid } = event.record.process
  return container.containerId !== containerClaim || claimUid !== 0
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
