// Cgroups that come and go: told to the container index, in the order of the ring.
import { CgroupRecord } from '../ring-events/cgroup-record.js'
import { KIND } from '../ring-events/event-kinds.js'
import type { EventContext, RecordHandler } from './event-context.js'

/**
 * Handlers of cgroup_mkdir and cgroup_rmdir, by kind.
 * @param onRemoved told of each cgroup that is gone, too; its hierarchy is 0 for v2
 */
export function cgroupHandlers(
  context: EventContext,
  onRemoved: (cgroupId: bigint, hierarchyId: number) => void = () => undefined,
): ReadonlyMap<number, RecordHandler> {
  const { header, containers } = context
  const cgroup = new CgroupRecord()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const cgroupId = (): bigint => (BigInt(header.cgroupHigh) << 32n) | BigInt(header.cgroupLow)

  return new Map<number, RecordHandler>([
    [
      KIND.cgroupMkdir,
      (record) => {
        if (!cgroup.read(record.view, record.at, record.length)) return 'malformed'
        context.countTextFlags(cgroup.textFlags)
        const path = decoder.decode(record.bytes.subarray(cgroup.pathStart, cgroup.pathEnd))
        containers.cgroupCreated(cgroupId(), cgroup.hierarchyId, path)
        return 'consumed'
      },
    ],
    [
      KIND.cgroupRmdir,
      (record) => {
        if (!cgroup.read(record.view, record.at, record.length)) return 'malformed'
        containers.cgroupRemoved(cgroupId(), cgroup.hierarchyId)
        onRemoved(cgroupId(), cgroup.hierarchyId)
        return 'consumed'
      },
    ],
  ])
}
