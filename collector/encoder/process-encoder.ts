// The record Process as Avro bytes: cached from the second event of a process and spliced into each of its events. Most processes have only
// a fork, an exec and an exit, and encoding again is cheaper than caching. State that may change between two events is compared first:
// credentials and cgroup of the event, container membership, user names, the hash of the executable.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { CONTAINER_ENTRY_SYMBOLS } from '../../schemas/generated/types.js'
import type { UserNames } from '../users/user-names.js'
import { ContainerEntries } from '../processes/container-entries.js'
import { type CgroupMembership, type ContainerIndex, isUnknownMembership } from '../containers/container-index.js'
import { NO_UNITS, systemdUnitsOf, type SystemdUnits } from '../containers/systemd-unit.js'
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { Ancestor, Lineage } from '../processes/lineage.js'
import type { ProcessEntry, ProcessImage } from '../processes/process-entry.js'
import type { Environment, ProcessTexts } from '../processes/process-texts.js'
import type { StandardStreams } from '../processes/standard-streams.js'
import { copyBytes } from '../ring-events/record-texts.js'
import { cgroupIdOf, type EventHeader } from '../ring-events/event-header.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import {
  EXE_KNOWN,
  EXE_LOWER_LAYER,
  EXE_MEMFD,
  EXE_READ_ONLY,
  EXE_ROOT_NAMESPACE,
  EXE_UPPER_LAYER,
  UNSET_ID,
} from '../../native/generated/layout.js'
import { writePlace } from './place-encoder.js'
import { writeAncestor, LineageEncoder, NamespacesEncoder, StandardStreamsEncoder } from './process-field-encoders.js'
import { writeArguments, NO_RAW_TEXTS, RawTexts, writeDecimal, writeText } from './text-encoder.js'
import type { EncodedProcess, ProcessBytes } from '../processes/encoded-process.js'

/** Encodes processes. */
export class ProcessEncoder {
  readonly #containers: ContainerIndex
  readonly #users: UserNames
  readonly #hashes: ExecutableHashes
  readonly #units = new WeakMap<CgroupMembership, SystemdUnits>()
  readonly entries = new ContainerEntries()
  readonly #lineages = new LineageEncoder()
  readonly #streams = new StandardStreamsEncoder()
  readonly #namespaces = new NamespacesEncoder()
  readonly #writer = new AvroWriter()
  readonly #raw = new RawTexts()
  readonly #once: { -readonly [K in keyof ProcessBytes]: ProcessBytes[K] } = { bytes: this.#writer.bytes, length: 0, raw: NO_RAW_TEXTS }
  /** The last membership query. */
  #lastQuery: MembershipQuery = { low: 0, high: 0, isV1: false, generation: -1, membership: null }
  /** Number of encodings; all other events used cached bytes. */
  encodings = 0
  /** Encodings of processes whose cgroup, and so whose container, is not known. */
  unknownContainers = 0

  constructor(containers: ContainerIndex, users: UserNames, hashes: ExecutableHashes) {
    this.#containers = containers
    this.#users = users
    this.#hashes = hashes
  }

  /** Stores the container of a process and how it entered, without encoding an event. */
  place({ process }: ProcessImage, header: EventHeader): void {
    this.entries.of(process, containerOf(this.#membership(header)))
  }

  /** The container of a process at an event with this header; null for none, or none that is confirmed. */
  containerIdAt(header: EventHeader): string | null {
    return this.#membership(header).containerId
  }

  /** The bytes of a process at an event with this header. */
  of(image: ProcessImage, header: EventHeader): ProcessBytes {
    if (!image.wasEncoded) {
      image.wasEncoded = true
      return this.once(image, header)
    }
    const known = this.#known(image, header)
    if (known !== null) return known
    return (image.encoded = this.#cache(image, header, this.#encode(image, header, this.#membership(header))))
  }

  /** The same for an event that is likely the only or last one: nothing is cached. */
  once(image: ProcessImage, header: EventHeader): ProcessBytes {
    const known = this.#known(image, header)
    if (known !== null) return known
    this.#encode(image, header, this.#membership(header))
    this.#once.bytes = this.#writer.bytes
    this.#once.length = this.#writer.position
    this.#once.raw = this.#raw.take()
    return this.#once
  }

  /** Cached bytes that are still valid. */
  #known(image: ProcessImage, header: EventHeader): EncodedProcess | null {
    const known = image.encoded
    if (known === null || !isSameState(known, header) || known.usersGeneration !== this.#users.generation) return null
    if (known.hashesGeneration !== this.#hashes.generation) {
      if (known.exeSha256 !== this.#hashes.of(image.facts)) return null
      known.hashesGeneration = this.#hashes.generation
    }
    const isCurrent = known.membershipGeneration === this.#containers.generation
    // A cgroup that is not known yet is queried again.
    if (isCurrent && known.membership.path !== null) return known
    if (this.#membership(header) !== known.membership) return null
    known.membershipGeneration = this.#containers.generation
    return known
  }

  /** Consecutive events often share a cgroup: the last answer saves most queries, and a BigInt for each. */
  #membership(header: EventHeader): CgroupMembership {
    const { cgroupLow, cgroupHigh, isCgroupV1 } = header
    const { generation } = this.#containers
    const last = this.#lastQuery
    const isSame = last.low === cgroupLow && last.high === cgroupHigh && last.isV1 === isCgroupV1
    if (last.membership !== null && isSame && last.generation === generation) return last.membership
    const membership = this.#containers.membershipOf(cgroupIdOf(header), isCgroupV1)
    // An unknown cgroup may be found at any time. The query itself may find it: then the answer belongs to the generation after it.
    if (membership.path !== null)
      this.#lastQuery = { low: cgroupLow, high: cgroupHigh, isV1: isCgroupV1, generation: this.#containers.generation, membership }
    return membership
  }

  #encode(image: ProcessImage, header: EventHeader, membership: CgroupMembership): CgroupMembership {
    this.encodings++
    this.#writer.reset()
    this.#raw.clear()
    this.#writeTexts(image, membership)
    this.#writeIdentity(image, header)
    this.#writePlace(image)
    this.#writeExecutable(image, header)
    this.#writeEnd(image, header, membership)
    return membership
  }

  /** Caches what was just encoded. */
  #cache({ facts }: ProcessImage, header: EventHeader, membership: CgroupMembership): EncodedProcess {
    const length = this.#writer.position
    return {
      bytes: copyBytes(this.#writer.bytes, 0, length),
      length,
      raw: this.#raw.take(),
      uid: header.uid,
      gid: header.gid,
      euid: header.euid,
      egid: header.egid,
      cgroupLow: header.cgroupLow,
      cgroupHigh: header.cgroupHigh,
      isCgroupV1: header.isCgroupV1,
      membership,
      membershipGeneration: this.#containers.generation,
      usersGeneration: this.#users.generation,
      exeSha256: this.#hashes.of(facts),
      hashesGeneration: this.#hashes.generation,
    }
  }

  /** name, containerId, containerClaim, isContainerUnknown, claimUid, exePath, args, ancestors, parentArgs */
  #writeTexts({ facts, texts, lineage }: ProcessImage, membership: CgroupMembership): void {
    const writer = this.#writer
    const raw = this.#raw
    if (!writeText(writer, facts.comms, 0, facts.commEnd)) raw.add('process.name', facts.comms, 0, facts.commEnd)
    this.#optionalString(membership.containerId)
    this.#optionalString(membership.claim)
    const isUnknown = isUnknownMembership(membership)
    if (isUnknown) this.unknownContainers++
    writer.boolean(isUnknown)
    this.#optionalLong(membership.claimUid !== null, membership.claimUid ?? 0)
    this.#optionalText('process.exePath', texts.hasExePath, texts.bytes, texts.argsEnd, texts.exePathEnd)
    writeArguments(writer, raw, 'process.args', texts.bytes, 0, texts.argsEnd)
    const encoded = this.#lineages.of(lineage)
    writer.raw(encoded.bytes, 0, encoded.bytes.length)
    raw.addAll(encoded.raw)
  }

  /** pid, startBootUs, execCount, parentPid, uid, gid, euid, egid, loginUid, user, group, loginUser */
  #writeIdentity({ process, facts, execCount }: ProcessImage, header: EventHeader): void {
    const writer = this.#writer
    const users = this.#users
    const hasLogin = facts.loginUid !== UNSET_ID
    writer.int(process.pid)
    writer.long(process.startUs)
    writer.int(execCount)
    writer.int(facts.parentPid)
    writer.long(header.uid)
    writer.long(header.gid)
    writer.long(header.euid)
    writer.long(header.egid)
    this.#optionalLong(hasLogin, facts.loginUid)
    this.#optionalString(users.userName(header.uid))
    this.#optionalString(users.groupName(header.gid))
    this.#optionalString(hasLogin ? users.userName(facts.loginUid) : null)
  }

  /** tty, sessionId, processGroupId, namespacePid, namespaceProcessGroupId, parentNamespacePid, cwd, the three sets of capabilities */
  #writePlace({ facts, texts }: ProcessImage): void {
    const writer = this.#writer
    this.#optionalLong(facts.tty !== 0, facts.tty)
    writer.int(facts.sessionId)
    writer.int(facts.processGroupId)
    writer.int(facts.namespacePid)
    writer.int(facts.namespaceProcessGroupId)
    this.#namespaces.writeParentPid(writer, facts.namespaces)
    this.#optionalText('process.cwd', texts.hasCwd, texts.bytes, texts.exePathEnd, texts.bytes.length)
    writer.long(facts.capEffective)
    writer.long(facts.capPermitted)
    writer.long(facts.capInheritable)
  }

  /** isExeUpperLayer, isExeMemfd, isExeWritable, isExeLowerLayer, exeInode, exeDevice, exeCtimeUs, exeMtimeUs */
  #writeExecutable({ facts }: ProcessImage, header: EventHeader): void {
    const writer = this.#writer
    const isKnown = facts.hasExecutable
    writer.boolean((facts.exeFlags & EXE_UPPER_LAYER) !== 0)
    writer.boolean((facts.exeFlags & EXE_MEMFD) !== 0)
    this.#optionalBoolean(isWritable(facts, header))
    this.#optionalBoolean((facts.exeFlags & EXE_KNOWN) === 0 ? null : (facts.exeFlags & EXE_LOWER_LAYER) !== 0)
    writer.int(isKnown ? 1 : 0)
    if (isKnown) writeDecimal(writer, facts.exeInodeLow, facts.exeInodeHigh)
    this.#optionalLong(isKnown, facts.exeDevice)
    this.#optionalLong(isKnown, facts.exeCtimeUs)
    this.#optionalLong(isKnown, facts.exeMtimeUs)
  }

  /** cgroupId, cgroupPath, argsTruncated, argsBytes, counts of secrets, env, leaders, streams, namespaces, exeSha256, placing, envTruncated, exeFlags ... stdioNetwork */
  #writeEnd(
    { process, facts, texts, lineage, leaders, isFedByNetwork }: ProcessImage,
    header: EventHeader,
    membership: CgroupMembership,
  ): void {
    writeDecimal(this.#writer, header.cgroupLow, header.cgroupHigh)
    this.#optionalString(membership.path)
    this.#writer.boolean(texts.isArgsTruncated)
    this.#writer.int(Math.min(texts.argsTotal, 0x7fffffff))
    this.#writeRedacted(texts, lineage)
    this.#writeEnvironment(texts.environment)
    this.#leader('process.sessionLeader', leaders.session)
    this.#leader('process.processGroupLeader', leaders.group)
    this.#writeStreams(texts.streams)
    this.#namespaces.write(this.#writer, facts.namespaces)
    this.#optionalString(this.#hashes.of(facts))
    this.#writePlacing(process, membership)
    const { environment } = texts
    this.#writer.int(environment === null ? 0 : 1)
    if (environment !== null) this.#writer.boolean(environment.isTruncated)
    this.#writeProgram(facts, texts)
    writePlace(this.#writer, this.#raw, texts.exePlace, 'process.exePlace')
    writePlace(this.#writer, this.#raw, texts.cwdPlace, 'process.cwdPlace')
    this.#optionalBoolean(isFedByNetwork)
  }

  /** exeFlags, exeUid, exeMode, program */
  #writeProgram(facts: TaskFacts, { program }: ProcessTexts): void {
    const isKnown = (facts.exeFlags & EXE_KNOWN) !== 0
    this.#writer.int(facts.exeFlags)
    this.#optionalLong(isKnown, facts.exeUid)
    this.#optionalLong(isKnown, facts.exeMode)
    this.#optionalText('process.program', program !== null, program ?? NO_BYTES, 0, program?.length ?? 0)
  }

  /** argsRedacted, parentArgsRedacted, envRedacted */
  #writeRedacted({ argsRedacted, environment }: ProcessTexts, { parentArgsRedacted }: Lineage): void {
    this.#writer.int(argsRedacted)
    this.#writer.int(parentArgsRedacted)
    this.#writer.int(environment?.redacted ?? 0)
  }

  /** containerEntry, systemdUnit, systemdUserUnit */
  #writePlacing(process: ProcessEntry, membership: CgroupMembership): void {
    const containerId = containerOf(membership)
    const entry = this.entries.of(process, containerId)
    this.#writer.int(entry === null ? 0 : 1)
    if (entry !== null) this.#writer.int(CONTAINER_ENTRY_SYMBOLS.indexOf(entry))
    const { unit, userUnit } = containerId === null ? this.#unitsOf(membership) : NO_UNITS
    this.#optionalString(unit)
    this.#optionalString(userUnit)
  }

  #unitsOf(membership: CgroupMembership): SystemdUnits {
    let units = this.#units.get(membership)
    if (units === undefined) {
      units = systemdUnitsOf(membership.path)
      this.#units.set(membership, units)
    }
    return units
  }

  #writeEnvironment(environment: Environment | null): void {
    this.#writer.int(environment === null ? 0 : 1)
    if (environment !== null) writeArguments(this.#writer, this.#raw, 'process.env', environment.bytes, 0, environment.bytes.length)
  }

  /** stdin, stdout, stderr */
  #writeStreams(streams: StandardStreams | null): void {
    if (streams === null) return this.#writer.nulls(3)
    const { bytes, raw } = this.#streams.of(streams)
    this.#writer.raw(bytes, 0, bytes.length)
    this.#raw.addAll(raw)
  }

  #leader(field: string, leader: Ancestor | null): void {
    this.#writer.int(leader === null ? 0 : 1)
    if (leader !== null) writeAncestor(this.#writer, this.#raw, leader, field)
  }

  #optionalText(field: string, isPresent: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.#writer.int(isPresent ? 1 : 0)
    if (isPresent && !writeText(this.#writer, bytes, start, end)) this.#raw.add(field, bytes, start, end)
  }

  #optionalBoolean(value: boolean | null): void {
    this.#writer.int(value === null ? 0 : 1)
    if (value !== null) this.#writer.boolean(value)
  }

  #optionalString(value: string | null): void {
    this.#writer.int(value === null ? 0 : 1)
    if (value !== null) this.#writer.text(value)
  }

  #optionalLong(isPresent: boolean, value: number): void {
    this.#writer.int(isPresent ? 1 : 0)
    if (isPresent) this.#writer.long(value)
  }
}

const NO_BYTES = new Uint8Array(0)
const MODE_OWNER_WRITES = 0o200
const MODE_GROUP_WRITES = 0o020
const MODE_OTHERS_WRITE = 0o002
const CAP_DAC_OVERRIDE = 1 << 1

/** Whether the user may write to the executable; null if it depends on what records don't hold: supplementary groups. */
function isWritable(facts: TaskFacts, { euid, egid }: EventHeader): boolean | null {
  if ((facts.exeFlags & EXE_KNOWN) === 0) return null
  if ((facts.exeFlags & EXE_READ_ONLY) !== 0) return false
  if (((facts.capEffective % 4) & CAP_DAC_OVERRIDE) !== 0) return (facts.exeFlags & EXE_ROOT_NAMESPACE) !== 0 ? true : null
  if (euid === facts.exeUid) return (facts.exeMode & MODE_OWNER_WRITES) !== 0
  if ((facts.exeMode & MODE_OTHERS_WRITE) !== 0) return true
  if ((facts.exeMode & MODE_GROUP_WRITES) === 0) return false
  return egid === facts.exeGid ? true : null
}

/** A query for a cgroup, and its answer. */
interface MembershipQuery {
  readonly low: number
  readonly high: number
  readonly isV1: boolean
  readonly generation: number
  readonly membership: CgroupMembership | null
}

/** The confirmed container of a process, otherwise the claimed one. */
function containerOf({ containerId, claim }: CgroupMembership): string | null {
  return containerId ?? claim
}

function isSameState(known: EncodedProcess, header: EventHeader): boolean {
  return (
    known.uid === header.uid &&
    known.gid === header.gid &&
    known.euid === header.euid &&
    known.egid === header.egid &&
    known.cgroupLow === header.cgroupLow &&
    known.cgroupHigh === header.cgroupHigh &&
    known.isCgroupV1 === header.isCgroupV1
  )
}
