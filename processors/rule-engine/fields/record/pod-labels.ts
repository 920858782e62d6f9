// Labels of a container as fields show them. Labels that Kubernetes sets for itself are no labels of the pod.
import type { ContainerFacts } from '../../../../schemas/generated/types.js'
import { toByteText } from '../../text/byte-text.js'

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
