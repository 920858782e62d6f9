// Handlers of fork, exec, refused exec and exit: they update the process table, then publish the event.
// Handlers of cgroup_mkdir and cgroup_rmdir: they update the container index in ring order and publish nothing.
import { ProcessEventEncoder } from '../encoder/process-event-encoder.js'
import { KIND } from '../../native/generated/layout.js'
import { cgroupIdOf } from '../ring-events/event-header.js'
import { CgroupRecord, ExecRecord, ExecRefusedRecord, ExitRecord, readFork } from '../ring-events/process-records.js'
import type { EventContext, RecordHandler } from './event-context.js'

/** Handlers of the topic process, by kind. */
export function processHandlers(context: EventContext, encoder: ProcessEventEncoder): ReadonlyMap<number, RecordHandler> {
  return new Map([
    [KIND.fork, forkHandler(context, encoder)],
    [KIND.exec, execHandler(context, encoder)],
    [KIND.streams, streamsHandler(context)],
    [KIND.execRefused, execRefusedHandler(context, encoder)],
    [KIND.exit, exitHandler(context, encoder)],
  ])
}

function forkHandler(context: EventContext, encoder: ProcessEventEncoder): RecordHandler {
  const { header, table, processes } = context
  return (record) => {
    const facts = readFork(record.bytes, record.view, record.at, record.length, table.kept)
    if (facts === null) return 'malformed'
    const image = table.fork(header, facts)
    if (context.isUnneeded) {
      processes.place(image, header)
      return 'suppressed'
    }
    const wallUs = context.wallUs()
    encoder.fork(header, processes.of(image, header), wallUs)
    return context.publish(record, 'process', encoder.writer, wallUs)
  }
}

function execHandler(context: EventContext, encoder: ProcessEventEncoder): RecordHandler {
  const { header, table, processes } = context
  const exec = new ExecRecord()
  return (record) => {
    const { bytes, view, at, length } = record
    if (!exec.read(bytes, view, at, length)) return 'malformed'
    context.countTextFlags(exec.textFlags)
    const image = table.exec(header, exec, bytes, view)
    context.noteStreams(image)
    context.hashes.executed(image)
    if (context.isUnneeded) {
      processes.place(image, header)
      return 'suppressed'
    }
    const wallUs = context.wallUs()
    encoder.exec(header, processes.of(image, header), bytes, exec, wallUs)
    return context.publish(record, 'process', encoder.writer, wallUs)
  }
}

function execRefusedHandler(context: EventContext, encoder: ProcessEventEncoder): RecordHandler {
  const { header, table, processes } = context
  const refused = new ExecRefusedRecord()
  return (record) => {
    if (!refused.read(record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(refused.textFlags)
    const image = table.at(header)
    if (context.isUnneeded) return 'suppressed'
    const wallUs = context.wallUs()
    encoder.execRefused(header, processes.of(image, header), record.bytes, refused, wallUs)
    return context.publish(record, 'process', encoder.writer, wallUs)
  }
}

function exitHandler(context: EventContext, encoder: ProcessEventEncoder): RecordHandler {
  const { header, table, processes } = context
  const exit = new ExitRecord()
  return (record) => {
    if (!exit.read(record.view, record.at, record.length)) return 'malformed'
    const image = table.exit(header)
    const wallUs = context.wallUs()
    const isUnneeded = context.isUnneeded
    if (!isUnneeded) encoder.exit(header, processes.once(image, header), exit, wallUs)
    processes.entries.exited(image.process)
    return isUnneeded ? 'suppressed' : context.publish(record, 'process', encoder.writer, wallUs)
  }
}

/** Handler of streams that a running program changed: nothing is published. */
function streamsHandler(context: EventContext): RecordHandler {
  const record = new ExecRecord()
  return ({ bytes, view, at, length }) => {
    if (!record.read(bytes, view, at, length)) return 'malformed'
    context.noteStreams(context.table.streams(context.header, record, bytes))
    return 'consumed'
  }
}

/**
 * Handlers of cgroup_mkdir and cgroup_rmdir, by kind.
 * @param onRemoved also called for each removed cgroup; its hierarchy is 0 for v2
 */
export function cgroupHandlers(
  context: EventContext,
  onRemoved: (cgroupId: bigint, hierarchyId: number) => void = () => undefined,
): ReadonlyMap<number, RecordHandler> {
  const { header, containers } = context
  const cgroup = new CgroupRecord()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  return new Map<number, RecordHandler>([
    [
      KIND.cgroupMkdir,
      (record) => {
        if (!cgroup.read(record.view, record.at, record.length)) return 'malformed'
        context.countTextFlags(cgroup.textFlags)
        const path = decoder.decode(record.bytes.subarray(cgroup.pathStart, cgroup.pathEnd))
        containers.cgroupCreated(cgroupIdOf(header), cgroup.hierarchyId, path, header.uid)
        return 'consumed'
      },
    ],
    [
      KIND.cgroupRmdir,
      (record) => {
        if (!cgroup.read(record.view, record.at, record.length)) return 'malformed'
        containers.cgroupRemoved(cgroupIdOf(header), cgroup.hierarchyId)
        onRemoved(cgroupIdOf(header), cgroup.hierarchyId)
        return 'consumed'
      },
    ],
  ])
}
