// An event as an OCSF 1.8 activity: Process (1007), File System (1001), Network (4001), DNS (4003) and Kernel Activity (1003). Pure, as detection-finding.ts.
// @see https://schema.ocsf.io/1.8.0/categories/system
import { eventIdOfOrigin } from '../alert-parts.js'
import type { FileEvent, KernelEvent, NetworkEvent, NetworkSummary, ProcessEvent } from '../generated/types.js'
import { deviceOf, PRODUCT } from './detection-finding.js'
import { connectionOf } from './evidences.js'
import { type Acting, actorProcessOf, containerOf, fileOf, type Json, milliseconds, processOf, userOf } from './process-objects.js'

const SYSTEM = 1
const NETWORK = 4
const SEVERITY_INFORMATIONAL = 1
const STATUS = { success: 1, failure: 2 }
const OTHER = 99
const KERNEL_SYSTEM_CALL = 2

/** Activities by the type of the event; others are 99. */
const PROCESS_ACTIVITIES: Readonly<Record<string, number>> = { exec: 1, fork: 1, exit: 2 }
const FILE_ACTIVITIES: Readonly<Record<string, number>> = {
  rename: 5,
  unlink: 4,
  rmdir: 4,
  mkdir: 1,
  chmod: 7,
  chown: 6,
  times: 6,
  xattr: 6,
  truncate: 3,
}
const NETWORK_ACTIVITIES: Readonly<Record<string, number>> = { connect: 1, accept: 1, listen: 7, close: 2, send: 6, receive: 6 }

/** An event with what OCSF needs of it. */
export type ActivityEvent =
  | { readonly topic: 'process'; readonly record: ProcessEvent }
  | { readonly topic: 'file'; readonly record: FileEvent }
  | { readonly topic: 'network'; readonly record: NetworkEvent }
  | { readonly topic: 'kernel'; readonly record: KernelEvent }

/** The activity. @param message the event in a few words @param topic name of its topic @param network both ends of its connection */
export function ocsfActivityOf(event: ActivityEvent, message: string, topic: string, network: NetworkSummary | null): Json {
  const { process, origin, type, syscall, result } = event.record
  const acting: Acting = { process, origin }
  const container = containerOf({ containerId: process.containerId, container: null })
  const [category, kind, activity, own] = partOf(event, acting, network)
  return {
    activity_id: activity,
    category_uid: category,
    class_uid: kind,
    type_uid: kind * 100 + activity,
    severity_id: SEVERITY_INFORMATIONAL,
    status_id: result < 0 ? STATUS.failure : STATUS.success,
    status_code: result < 0 ? String(result) : undefined,
    time: milliseconds(origin.wallTimeUs),
    message,
    metadata: {
      version: '1.8.0',
      product: PRODUCT,
      profiles: ['host', 'container'],
      log_name: topic,
      event_code: syscall === 'UNKNOWN' ? type : syscall,
      original_event_uid: eventIdOfOrigin(origin, topic),
      is_truncated: process.argsTruncated,
    },
    device: deviceOf(origin),
    actor: { process: actorProcessOf(acting, container), user: userOf(process) },
    ...own,
  }
}

function partOf(
  event: ActivityEvent,
  acting: Acting,
  network: NetworkSummary | null,
): readonly [category: number, kind: number, activity: number, own: Json] {
  switch (event.topic) {
    case 'process': {
      const { type, exitCode } = event.record
      return [SYSTEM, 1007, PROCESS_ACTIVITIES[type] ?? OTHER, { process: processOf(acting), exit_code: exitCode ?? undefined }]
    }
    case 'file': {
      const { type, path, newPath, isWrite, isCreated } = event.record
      const activity = type === 'open' ? (isCreated ? 1 : isWrite ? 3 : 2) : (FILE_ACTIVITIES[type] ?? OTHER)
      return [SYSTEM, 1001, activity, { file: fileOf(path ?? ''), file_result: newPath === null ? undefined : fileOf(newPath) }]
    }
    case 'network': {
      const { type, dns } = event.record
      const ends = network === null ? {} : connectionOf(network, type)
      return dns === null ? [NETWORK, 4001, NETWORK_ACTIVITIES[type] ?? OTHER, ends] : [NETWORK, 4003, dns.isResponse ? 2 : 1, ends]
    }
    case 'kernel':
      return [SYSTEM, 1003, 4, { kernel: { name: event.record.type, type_id: KERNEL_SYSTEM_CALL, path: event.record.path ?? undefined } }]
  }
}
