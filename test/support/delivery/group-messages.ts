// Messages about groups of alerts, as message sinks get them.
import { JsonShape, type Shaped, type TSchema } from '../../../infra/config/json-shape.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { GroupMessage, MessageSink, MessageSinkKind } from '../../../processors/delivery/sink.js'
import { testAlert } from '../records/test-alert.js'

/** The first message of a group, with `changes`. */
export function groupMessage(changes: Partial<GroupMessage> = {}): GroupMessage {
  const alert = changes.alert ?? testAlert()
  const { hostName, wallTimeUs } = alert.origin
  return {
    kind: 'first',
    id: 'c3'.repeat(16),
    groupId: 'b2'.repeat(16),
    alert,
    count: 1,
    total: 1,
    firstUs: wallTimeUs,
    lastUs: wallTimeUs,
    hosts: { count: 1, names: [hostName], hasMore: false },
    containers: { count: 1, names: ['web'], hasMore: false },
    rules: { count: 1, names: [alert.rule], hasMore: false },
    ranges: [{ partition: 0, ranges: [[17, 17]] }],
    mayRepeat: false,
    thread: null,
    ...changes,
  }
}

/** A summary of 412 alerts on 3 hosts. */
export function summaryMessage(changes: Partial<GroupMessage> = {}): GroupMessage {
  const { lastUs } = groupMessage()
  return groupMessage({
    kind: 'summary',
    id: 'd4'.repeat(16),
    count: 412,
    total: 413,
    lastUs: lastUs + 9_000_000,
    hosts: { count: 3, names: ['node-1', 'node-2', 'node-3'], hasMore: false },
    ranges: [
      { partition: 0, ranges: [[18, 400]] },
      { partition: 3, ranges: [[7, 35]] },
    ],
    mayRepeat: true,
    ...changes,
  })
}

/** A sink, after its settings were checked. @throws Error with what is wrong in them */
export async function createMessageSink<Settings extends TSchema>(
  kind: MessageSinkKind<Settings>,
  settings: Shaped<Settings>,
): Promise<MessageSink> {
  const mistakes = [new JsonShape(kind.settings).mismatchOf(settings) ?? [], kind.mistakesOf?.(settings) ?? []].flat()
  if (mistakes.length > 0) throw new Error(mistakes.join('; '))
  return await kind.create(settings, { name: 'test', log: SILENT_LOGGER })
}
