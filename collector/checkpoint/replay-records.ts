// Records of the security ring that were published before: the process table and the cgroups learn of them again, and nobody else.
import { CgroupRecord } from '../ring-events/process-records.js'
import { KIND } from '../../native/generated/layout.js'
import { ExecRecord } from '../ring-events/process-records.js'
import { ExitRecord } from '../ring-events/process-records.js'
import { readFork } from '../ring-events/process-records.js'
import type { EventContext } from '../pipeline/event-context.js'
import { framedLength, recordLength, RING_DISCARDED, RING_HEADER_BYTES } from '../source/ring-framing.js'

/** Replays whole records behind ring headers, in their order. */
export function replayRecords(context: EventContext, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts = {
    exec: new ExecRecord(),
    exit: new ExitRecord(),
    cgroup: new CgroupRecord(),
    decoder: new TextDecoder('utf-8', { ignoreBOM: true }),
  }
  for (let at = 0; at + RING_HEADER_BYTES <= bytes.length; at += framedLength(view.getUint32(at, true))) {
    const frame = view.getUint32(at, true)
    const [start, length] = [at + RING_HEADER_BYTES, recordLength(frame)]
    if ((frame & RING_DISCARDED) !== 0 || start + length > bytes.length) continue
    if (context.header.read(view, start, length)) replayOne(context, parts, { bytes, view, start, length })
  }
}

interface Parts {
  readonly exec: ExecRecord
  readonly exit: ExitRecord
  readonly cgroup: CgroupRecord
  readonly decoder: { decode(bytes: Uint8Array): string }
}

interface Place {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly length: number
}

function replayOne({ header, table, containers, processes }: EventContext, parts: Parts, { bytes, view, start, length }: Place): void {
  const { exec, exit, cgroup, decoder } = parts
  const cgroupId = (BigInt(header.cgroupHigh) << 32n) | BigInt(header.cgroupLow)
  switch (header.kind) {
    case KIND.fork: {
      const facts = readFork(bytes, view, start, length)
      if (facts !== null) processes.place(table.fork(header, facts), header)
      return
    }
    case KIND.exec:
      if (exec.read(bytes, view, start, length)) processes.place(table.exec(header, exec, bytes, view), header)
      return
    case KIND.exit:
      if (exit.read(view, start, length)) processes.entries.exited(table.exit(header).process)
      return
    case KIND.cgroupMkdir:
      if (!cgroup.read(view, start, length)) return
      containers.cgroupCreated(cgroupId, cgroup.hierarchyId, decoder.decode(bytes.subarray(cgroup.pathStart, cgroup.pathEnd)))
      return
    case KIND.cgroupRmdir:
      if (cgroup.read(view, start, length)) containers.cgroupRemoved(cgroupId, cgroup.hierarchyId)
      return
    default:
  }
}
