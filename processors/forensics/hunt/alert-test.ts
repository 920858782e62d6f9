// Which alerts a hunt wants: those of some containers or images, as the facts of that time name them.
import { compileGlob } from '../../../infra/text/glob.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { toByteText } from '../../rule-engine/text/byte-text.js'
import type { HuntPlan } from './hunt-plan.js'

/** True for a wanted alert. */
export type AlertTest = (alert: Pick<Alert, 'containerId' | 'container'>) => boolean

const SHORT_ID = /^[0-9a-f]{6,}$/

export function alertTestOf({ containers, images }: Pick<HuntPlan, 'containers' | 'images'>): AlertTest {
  const isImage = anyOf(images)
  const isContainer = anyOf(containers)
  const starts = containers.filter((text) => SHORT_ID.test(text))
  return ({ containerId, container }) => {
    if (images.length > 0 && !isImage(container?.image)) return false
    if (containers.length === 0) return true
    return isContainer(container?.name) || isContainer(containerId) || starts.some((start) => containerId?.startsWith(start) === true)
  }
}

function anyOf(patterns: readonly string[]): (text: string | null | undefined) => boolean {
  const tests = patterns.map((pattern) => compileGlob(toByteText(pattern)))
  return (text) => typeof text === 'string' && tests.some((test) => test(toByteText(text)))
}
