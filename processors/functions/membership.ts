// The function `membership`: learns from container and process events who is in which container, and writes it to the membership store.
// While the store is unavailable it waits and retries: nothing is dropped, and detect continues from its cache.
import type { Codec } from '../../schemas/codec.js'
import type { ContainerEvent, Origin, Process } from '../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import { defineFunction, type HandledFunction } from '../function.js'
import { cgroupKey, factsKey, isUuid, KIND_SETTINGS, pathKey, processKey, type MembershipKey } from '../membership/membership-key.js'
import type { MembershipValue, Membership } from '../membership/membership.js'
import { takesPlace, type MembershipEntry } from '../membership/store.js'

/** Longest stored container id: runtimes use 64 hex digits, LXC and systemd use names. */
const MAX_ID_LENGTH = 256
const DECIMAL = /^[0-9]{1,20}$/

/** @param codec decodes container and process events */
export function membershipFunction(codec: Codec): HandledFunction {
  const readContainer = codec.projection('container', ['type', 'containerId', 'cgroupId', 'cgroupPath', 'facts', 'origin'])
  const readProcess = codec.projection('process', [
    'process.containerId',
    'process.cgroupId',
    'process.pid',
    'process.startBootUs',
    'origin',
  ])
  return defineFunction({
    name: 'membership',
    inputs: ['container', 'process'],
    outputs: [],
    async handle(batch, context) {
      const learned = new Learned()
      while (batch.next()) {
        try {
          const record = batch.topic === 'container' ? batch.value(readContainer) : batch.value(readProcess)
          batch.requireHost(record.origin.hostId)
          if ('process' in record) learnProcess(record, learned)
          else learnContainer(record, batch.bytes, learned)
        } catch (error) {
          context.fail(error)
        }
      }
      await context.membership.write(await learned.entries(context.membership))
    },
  })
}

/** Entries of one batch: per key only the one that takes precedence, so that a process with many events is written once. */
class Learned {
  readonly #entries = new Map<string, MembershipEntry>()
  /** Cgroup of each process entry, by the text of its key. */
  readonly #cgroups = new Map<string, MembershipKey>()

  /** @param cgroup of a process entry */
  add(entry: MembershipEntry, cgroup?: MembershipKey): void {
    const { text, kind } = entry.key
    const current = this.#entries.get(text)
    if (current !== undefined && !takesPlace(entry, current, KIND_SETTINGS[kind].keeps)) return
    this.#entries.set(text, entry)
    if (cgroup !== undefined) this.#cgroups.set(text, cgroup)
  }

  /** All but the processes of cgroups that the store already has in the same container: most processes need no entry of their own. */
  async entries(membership: Membership): Promise<MembershipEntry[]> {
    const containers = await this.#knownCgroups(membership)
    return [...this.#entries.values()].filter(({ key, value }) => {
      const cgroup = this.#cgroups.get(key.text)
      return cgroup === undefined || containers.get(cgroup.text) !== Buffer.from(value).toString()
    })
  }

  async #knownCgroups(membership: Membership): Promise<ReadonlyMap<string, MembershipValue>> {
    const known = new Map<string, MembershipValue>()
    const missing = new Map<string, MembershipKey>()
    for (const cgroup of this.#cgroups.values()) {
      const value = membership.cached(cgroup)
      if (value === undefined) missing.set(cgroup.text, cgroup)
      else if (value !== null) known.set(cgroup.text, value)
    }
    const fetched = new Map<string, MembershipValue>()
    // While the store is unavailable the cache answers with what it was: a cgroup that has another container by now, or none.
    const isCurrent = await membership.fetch([...missing.values()], ({ text }, value) => fetched.set(text, value))
    return isCurrent ? new Map([...known, ...fetched]) : known
  }
}

type LearnedContainer = Pick<ContainerEvent, 'type' | 'containerId' | 'cgroupId' | 'cgroupPath' | 'facts' | 'origin'>

interface LearnedProcess {
  readonly process: Pick<Process, 'containerId' | 'cgroupId' | 'pid' | 'startBootUs'>
  readonly origin: Origin
}

function learnContainer(event: LearnedContainer, bytes: Uint8Array, learned: Learned): void {
  const { origin, containerId, cgroupId, cgroupPath } = event
  checkOrigin(origin, 'container')
  check(isContainerId(containerId), 'container', 'containerId', 'is not a container id')
  if (event.facts !== null) learned.add({ key: factsKey(origin, containerId), bootTimeUs: origin.bootTimeUs, value: bytes })
  if (!isConfirmed(event)) return
  if (cgroupPath !== null) learned.add({ key: pathKey(origin, containerId), bootTimeUs: origin.bootTimeUs, value: Buffer.from(cgroupPath) })
  if (cgroupId === null) return
  check(DECIMAL.test(cgroupId), 'container', 'cgroupId', 'is not a decimal number')
  learned.add({ key: cgroupKey(origin, cgroupId), bootTimeUs: origin.bootTimeUs, value: Buffer.from(containerId) })
}

/** A cgroup's name is only a claim, which a privileged container can forge: the runtime must have reported the container. */
function isConfirmed(event: LearnedContainer): boolean {
  return event.facts !== null || event.type === 'started' || event.type === 'stopped' || event.type === 'removed'
}

function learnProcess({ origin, process }: LearnedProcess, learned: Learned): void {
  const { containerId, cgroupId, pid, startBootUs } = process
  if (containerId === null) return
  checkOrigin(origin, 'process')
  check(isContainerId(containerId), 'process', 'process.containerId', 'is not a container id')
  const entry = { key: processKey(origin, pid, startBootUs), bootTimeUs: origin.bootTimeUs, value: Buffer.from(containerId) }
  learned.add(entry, DECIMAL.test(cgroupId) ? cgroupKey(origin, cgroupId) : undefined)
}

function isContainerId(text: string): boolean {
  return text.length > 0 && text.length <= MAX_ID_LENGTH
}

/** Keys consist of these: anything but a UUID could name the entry of another host. */
function checkOrigin({ hostId, bootId }: Origin, topic: string): void {
  check(isUuid(hostId), topic, 'origin.hostId', 'is not a UUID')
  check(isUuid(bootId), topic, 'origin.bootId', 'is not a UUID')
}

function check(holds: boolean, topic: string, field: string, reason: string): void {
  if (!holds) throw new RecordUnreadableError(reason, { topic, offset: 0, field })
}
