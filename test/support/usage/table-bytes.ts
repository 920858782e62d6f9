// Entries of the usage tables, byte for byte as bpf/usage/usage.h has them.
import { CALLS_SEEN, FILE_PATH, HEADER_CGROUP_V1, USAGE_COMM_BYTES, USAGE_OWNER } from '../../../native/generated/layout.js'

/** A process in a cgroup. */
export interface OwnerValues {
  readonly pid: number
  readonly startNs?: bigint
  readonly cgroupId?: bigint
  readonly isV1?: boolean
}

/** struct usage_owner. */
export function ownerBytes({ pid, startNs = 5_000_000n, cgroupId = 77n, isV1 = false }: OwnerValues): Buffer {
  const bytes = Buffer.alloc(USAGE_OWNER.bytes)
  bytes.writeBigUInt64LE(startNs, USAGE_OWNER.startBootNs)
  bytes.writeBigUInt64LE(cgroupId, USAGE_OWNER.cgroupId)
  bytes.writeUInt32LE(pid, USAGE_OWNER.pid)
  bytes.writeUInt32LE(isV1 ? HEADER_CGROUP_V1 : 0, USAGE_OWNER.flags)
  return bytes
}

/** Numbers of 32 bits, one after the other. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  numbers.forEach((number, index) => bytes.writeUInt32LE(number, 4 * index))
  return bytes
}

/** Numbers of 64 bits, one after the other. */
export function longs(...numbers: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length)
  numbers.forEach((number, index) => bytes.writeBigUInt64LE(number, 8 * index))
  return bytes
}

/** A name of 16 bytes. */
export function comm(name: string): Buffer {
  return Buffer.concat([Buffer.from(name), Buffer.alloc(USAGE_COMM_BYTES)]).subarray(0, USAGE_COMM_BYTES)
}

/** struct call_key and struct call_usage. */
export function callEntry(owner: OwnerValues, number: number, count: bigint, name = 'worker', abi = 0): Buffer {
  return Buffer.concat([ownerBytes(owner), words(number, abi), longs(count), comm(name)])
}

/** struct capability_key and struct capability_usage. */
export function checkEntry(owner: OwnerValues, number: number, granted: bigint, denied: bigint, name = 'worker'): Buffer {
  return Buffer.concat([ownerBytes(owner), words(number, 0), longs(granted, denied), comm(name)])
}

/** struct file_key and struct file_usage. @param counts reads, writes, bytes read, bytes written */
export function fileEntry(owner: OwnerValues, inode: bigint, counts: readonly [bigint, bigint, bigint, bigint], name = 'worker'): Buffer {
  return Buffer.concat([ownerBytes(owner), longs(inode), words(45, 0), longs(...counts), comm(name)])
}

/** struct path_key and struct file_path. @param names leaf first */
export function pathEntry(inode: bigint, names: readonly string[], isTruncated = false, cgroupId = 77n): Buffer {
  const walked = Buffer.from(names.map((name) => `${name}\0`).join(''))
  return Buffer.concat([
    longs(cgroupId, inode),
    words(45, 0, walked.length, isTruncated ? 1 : 0),
    walked,
    Buffer.alloc(FILE_PATH.bytes - FILE_PATH.names - walked.length),
  ])
}

/** struct usage_cgroup and struct calls_seen. */
export function seenEntry(cgroupId: bigint, numbers: readonly number[], abi = 0, isV1 = false): Buffer {
  const bits = Buffer.alloc(CALLS_SEEN.bytes)
  for (const number of numbers) bits.writeUInt8(bits.readUInt8(number >> 3) | (1 << (number & 7)), number >> 3)
  return Buffer.concat([longs(cgroupId), words(isV1 ? HEADER_CGROUP_V1 : 0, abi), bits])
}

/** Where a connection goes. */
export interface TcpPlace {
  /** 16 bytes. */
  readonly remote: Buffer
  readonly port: number
  readonly family: number
  /** enum tcp_side. */
  readonly side: number
}

/** struct tcp_key and struct tcp_usage. @param counts in the order of struct tcp_usage; those that are left out are 0 */
export function tcpEntry(owner: OwnerValues, { remote, port, family, side }: TcpPlace, counts: readonly bigint[], name = 'worker'): Buffer {
  const server = Buffer.alloc(4)
  server.writeUInt16LE(port, 0)
  server.writeUInt16LE(family, 2)
  const numbers = Array.from({ length: 13 }, (_, index) => counts[index] ?? 0n)
  return Buffer.concat([ownerBytes(owner), remote, server, words(side), longs(...numbers), comm(name)])
}
