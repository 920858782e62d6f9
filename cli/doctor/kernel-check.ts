// The kernel: programs are loaded, each probe is really attached, and a real exec goes through the ring.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../infra/config/config-schema.js'
import { messageOf } from '../../infra/process/errors.js'
import type { ProbeState } from '../../native/addon.js'
import type { KernelSession, Ring } from '../../native/rings.js'
import { ill, well, type CheckResult } from './check.js'

const EVENT_DEADLINE_MS = 3000
const BTF = '/sys/kernel/btf/vmlinux'

/** Kernel, BTF, probes, ring. */
export async function checkKernel(collector: Config['collector']): Promise<readonly CheckResult[]> {
  const results = [well('kernel', release()), btf()]
  let session: KernelSession
  try {
    const { openKernelSession } = await import('../../native/rings.js')
    session = openKernelSession({ ...collector, openArgument: true, environmentNames: [], ignoredPid: 0 })
  } catch (error) {
    return [
      ...results,
      ill('probes', messageOf(error), 'what the message says; without live probes `eunomia run` plays a recorded capture'),
    ]
  }
  try {
    return [...results, ...session.probes.map(probe), await ring(session)]
  } finally {
    session.close()
  }
}

function btf(): CheckResult {
  if (existsSync(BTF)) return well('BTF', BTF)
  return ill('BTF', `${BTF} is missing`, 'use a kernel that is built with CONFIG_DEBUG_INFO_BTF=y')
}

function probe(state: ProbeState): CheckResult {
  const name = `probe ${state.name}`
  if (state.isAttached) return well(name, 'attached')
  return ill(name, state.error ?? 'not attached', 'its kind of event is not watched; a newer kernel, or the rights that the message names')
}

/** An exec of our own, told from all others by its argument, must come out of the security ring. */
async function ring(session: KernelSession): Promise<CheckResult> {
  const marker = `eunomia-doctor-${randomUUID()}`
  const startedMs = performance.now()
  const child = spawn('/bin/sh', ['-c', ':', marker], { stdio: 'ignore' })
  child.on('error', () => undefined)
  const deadline = startedMs + EVENT_DEADLINE_MS
  while (performance.now() < deadline) {
    if (holds(session.rings[0], marker)) return well('ring', `an exec came through in ${(performance.now() - startedMs).toFixed(1)} ms`)
    await delay(1)
  }
  return ill('ring', `no exec came through within ${String(EVENT_DEADLINE_MS)} ms`, 'report it, with the lines above')
}

function holds(source: Ring, marker: string): boolean {
  const span = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  while (source.poll(span, 1 << 20) > 0) {
    const found = Buffer.from(source.bytes.buffer, source.bytes.byteOffset + span.startOffset, span.endOffset - span.startOffset).includes(
      marker,
    )
    source.ack(span.endPosition)
    if (found) return true
  }
  return false
}
