// struct kernel_call_event of bpf/record/event.h: KIND_MOUNT to KIND_IOCTL.
import { HEADER_CGROUP_V1, KERNEL_CALL_EVENT } from '../../native/generated/layout.js'
import { low52BitsAt, microsecondsAt, signed52BitsAt } from './event-header.js'
import { SocketFacts } from './network-records.js'
import { PathSpan } from './record-texts.js'

/** Arguments of a system call. */
export const CALL_ARGUMENTS = 6
const NUMBERS = 3

/** A raw text of the record: bytes[start, end); empty if the call has none. */
export interface TextSpan {
  start: number
  end: number
}

/** The record read last. */
export class KernelCallRecord {
  /** The low halves, as most arguments are 32 bits wide. */
  readonly low = new Array<number>(CALL_ARGUMENTS).fill(0)
  readonly high = new Array<number>(CALL_ARGUMENTS).fill(0)
  /** What the kind needs in addition to the arguments: numbers of bpf/kernel-call/kernel_call_numbers.bpf.h, at most 2^52. */
  readonly numbers = new Array<number>(NUMBERS).fill(0)
  /** Full result of the call. */
  result = 0
  /** Process acted upon, host namespace; 0 for none. */
  targetPid = 0
  targetStartUs = 0
  targetCgroupId = 0n
  isTargetCgroupV1 = false
  /** Command name of the target, NUL-terminated within 16 bytes. */
  targetCommAt = 0
  readonly socket = new SocketFacts()
  /** i_mode of the file of the descriptor argument; 0 for none. */
  descriptorMode = 0
  readonly path = new PathSpan()
  readonly name: TextSpan = { start: 0, end: 0 }
  readonly source: TextSpan = { start: 0, end: 0 }
  readonly options: TextSpan = { start: 0, end: 0 }

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < KERNEL_CALL_EVENT.bytes) return false
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    for (let index = 0; index < CALL_ARGUMENTS; index++) {
      this.low[index] = u32(KERNEL_CALL_EVENT.args + 8 * index)
      this.high[index] = u32(KERNEL_CALL_EVENT.args + 8 * index + 4)
    }
    for (let index = 0; index < NUMBERS; index++) this.numbers[index] = low52BitsAt(view, at + KERNEL_CALL_EVENT.numbers + 8 * index)
    this.result = signed52BitsAt(view, at + KERNEL_CALL_EVENT.result)
    this.#target(view, at)
    this.socket.read(view, at + KERNEL_CALL_EVENT.socket)
    this.descriptorMode = u32(KERNEL_CALL_EVENT.descriptorMode)
    this.path.set(
      at + KERNEL_CALL_EVENT.bytes,
      u32(KERNEL_CALL_EVENT.pathLength),
      u32(KERNEL_CALL_EVENT.argumentLength),
      u32(KERNEL_CALL_EVENT.textFlags),
    )
    let end = this.path.argumentEnd
    end = place(this.name, end, u32(KERNEL_CALL_EVENT.nameLength))
    end = place(this.source, end, u32(KERNEL_CALL_EVENT.sourceLength))
    end = place(this.options, end, u32(KERNEL_CALL_EVENT.optionsLength))
    return end <= at + length && this.path.isWhole(bytes) && this.path.readPlace(bytes, view, end, at + length) >= 0
  }

  #target(view: DataView, at: number): void {
    this.targetPid = Math.max(0, view.getInt32(at + KERNEL_CALL_EVENT.targetPid, true))
    this.targetStartUs = microsecondsAt(view, at + KERNEL_CALL_EVENT.targetStartBootNs)
    this.targetCgroupId = view.getBigUint64(at + KERNEL_CALL_EVENT.targetCgroupId, true)
    this.isTargetCgroupV1 = (view.getUint32(at + KERNEL_CALL_EVENT.targetFlags, true) & HEADER_CGROUP_V1) !== 0
    this.targetCommAt = at + KERNEL_CALL_EVENT.targetComm
  }
}

function place(span: TextSpan, start: number, length: number): number {
  span.start = start
  span.end = start + length
  return span.end
}
