// An aggregate for tests: of a process in a container, with all counts zero.
import { emptyUsage } from '../../../collector/usage/usage-aggregate.js'
import type { FileUsage, TcpUsage, UsageRecord } from '../../../schemas/generated/types.js'
import { sampleOrigin, sampleProcess } from './sample-records.js'

/** @see UsageRecord */
export function sampleUsage(change: Partial<UsageRecord>): UsageRecord {
  const { pid, startBootUs, name, exePath, containerId, containerClaim } = sampleProcess()
  return {
    ...emptyUsage('syscalls', 'process', { startBootUs: 1_000_000, endBootUs: 2_500_000 }),
    process: { pid, startBootUs, name, exePath },
    ...{ containerId, containerClaim, cgroupId: '77', cgroupPath: '/docker/x', calls: 0 },
    origin: sampleOrigin({ cpu: -1 }),
    ...change,
  }
}

/** @see FileUsage */
export function sampleFileUsage(change: Partial<FileUsage> = {}): FileUsage {
  const counts = { reads: 3, writes: 1, bytesRead: 4096, bytesWritten: 100 }
  return { path: '/var/lib/data', isPathTruncated: false, inode: '12', device: 8388609, ...counts, ...change }
}

/** @see TcpUsage */
export function sampleTcpUsage(change: Partial<TcpUsage> = {}): TcpUsage {
  return {
    ...{ remoteAddress: '203.0.113.7', port: 443, isServer: false, opened: 2, failed: 1, closed: 1, open: 4 },
    ...{ bytesSent: 10, bytesReceived: 20, segmentsRetransmitted: 5, roundTripUs: 30, minRoundTripUs: 29, maxRoundTripUs: 31 },
    ...{ connectUs: 40, maxConnectUs: 41 },
    ...change,
  }
}
