// Alerts as sinks get them.
import type { AlertSinkKind, AlertSink, TopicAlert } from '../../../processors/delivery/sink.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { JsonShape, type Shaped, type TSchema } from '../../../infra/config/json-shape.js'
import type { Alert } from '../../../schemas/generated/types.js'

/** At increasing offsets of partition 0. */
export function topicAlerts(alerts: readonly Alert[], firstOffset = 0): TopicAlert[] {
  return alerts.map((alert, index) => ({ alert, bytes: new Uint8Array(), partition: 0, offset: firstOffset + index }))
}

/** A sink, after its settings were checked as a program checks them. @throws Error with what is wrong in them */
export async function createSink<Settings extends TSchema>(kind: AlertSinkKind<Settings>, settings: Shaped<Settings>): Promise<AlertSink> {
  const mistakes = [new JsonShape(kind.settings).mismatchOf(settings) ?? [], kind.mistakesOf?.(settings) ?? []].flat()
  if (mistakes.length > 0) throw new Error(mistakes.join('; '))
  return await kind.create(settings, { name: 'test', log: SILENT_LOGGER })
}
