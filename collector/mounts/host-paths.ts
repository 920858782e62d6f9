// Finds the file of a path on the host. A process can see any file under a path of its choice: by chroot, a bind mount, a mount namespace of its
// own, an overlay, a hard link. Where the host has a path for that file and it is one of the system, events have that path, and the other as
// PathPlace.seenPath. All other paths stay as the process sees them: a container's own /etc/shadow is /etc/shadow.
import { type PathSpan, pathOfWalked } from '../ring-events/record-texts.js'
import type { PathPlace } from '../ring-events/path-place.js'
import { TEXT } from '../../native/generated/layout.js'
import type { FileIdentity } from './host-files.js'
import type { FilePlace, MountTable } from './mount-table.js'

/** Fields of PathPlace (schemas/shared/path-place.avsc). */
export interface PlaceFacts {
  readonly seenPath: Uint8Array | null
  readonly isForeignRoot: boolean | null
  readonly isUnreachable: boolean
  readonly mountId: number
  readonly mountNamespace: number
  readonly device: number
  readonly fileSystemPath: Uint8Array | null
  /** Decimal; null when it is not known, as realDevice. */
  readonly realInode: string | null
  readonly realDevice: number
}

/** A path on the host, and where it lies. */
export interface LocatedPath {
  /** The path of the event, in place of the one that the process sees; null to keep that. */
  readonly hostPath: Uint8Array | null
  /** Null for a file of the host under its own name. */
  readonly place: PlaceFacts | null
}

/** A file of the host, under its own name. */
export const PLAIN: LocatedPath = { hostPath: null, place: null }

/** Who made a call, and when. */
export interface CallTime {
  readonly pid: number
  readonly bootUs: number
}

/** Answers for the events of one host. */
export interface PathLocator {
  /** Of the path of a file that was opened. @param file its identity; null when it is not known */
  file(bytes: Uint8Array, span: PathSpan, file: FileIdentity | null): LocatedPath
  /** Of the root of a process: its path on the host, whatever it is. */
  root(bytes: Uint8Array, span: PathSpan): LocatedPath
  /** Whether an overlay was mounted on the host, too, at that time. */
  hasOverlay(device: number, bootUs: number): boolean
  /** Something was mounted or unmounted in this mount namespace; null when it is not known, or the host's. */
  mountsChanged(namespace: number | null): void
  /** A process of the host mounted a folder at another place, which may be gone before the mounts are read. Byte text. */
  bound(source: string, mountPoint: string, bootUs: number): void
  /** The mount at this place is gone. */
  unbound(mountPoint: string, bootUs: number): void
  /** Of a path that was made from an argument and the folder or root in `span`. @param at process and time of the call */
  argument(bytes: Uint8Array, span: PathSpan, path: Uint8Array, at: CallTime): LocatedPath
}

/** What a locator knows of the host. */
export interface HostKnowledge {
  /** The mounts of the host as they are now; null where they can't be read. */
  readonly mounts: () => MountTable | null
  /** The mounts of another mount namespace, as a process in it sees them; null when it has ended. */
  readonly mountsOf: (namespace: number, pid: number) => MountTable | null
  /** Something was mounted or unmounted: what was read of mounts is out of date. */
  readonly mountsChanged: (namespace: number | null) => void
  /** Path of a file that is known by device and inode; null for any other. Byte text. */
  readonly fileOf: (file: FileIdentity) => string | null
  /** Whether the file at a path of the host has its host path in events. Byte text. */
  readonly isOfSystem: (path: string) => boolean
  /** Whether an overlay was mounted on the host, too, at that time, as runtimes mount the root folders of containers: no container can. */
  readonly hasOverlay: (device: number, bootUs: number) => boolean
  readonly counts: PathCounts
}

/** What was done with paths. */
export interface PathCounts {
  /** Paths that were replaced by those of the host. */
  replaced: number
  /** Bind mounts that were forgotten at the bound. */
  boundForgotten: number
}

// @see include/uapi/linux/magic.h
const PROC_MAGIC = 0x9fa0
const SYSFS_MAGIC = 0x62656572
/** File systems of which each instance shows the same kernel, and their place on every host. */
const TOP_OF_KERNEL: ReadonlyMap<number, string> = new Map([
  [PROC_MAGIC, '/proc'],
  [SYSFS_MAGIC, '/sys'],
])

/** A bind mount by the paths of its call. */
interface BindMount {
  readonly source: string
  readonly mountPoint: string
  readonly fromUs: number
  untilUs: number
}

/** Most bind mounts that are remembered by the calls that made them. */
const MAX_BINDS = 256

/** Locates paths by the host's mounts. */
export class HostPaths implements PathLocator {
  readonly #host: HostKnowledge
  /** The newest first. */
  readonly #binds: BindMount[] = []

  constructor(host: HostKnowledge) {
    this.#host = host
  }

  file(bytes: Uint8Array, span: PathSpan, file: FileIdentity | null): LocatedPath {
    const { place } = span
    const known = this.#knownFile(place, file)
    if (known === null) {
      if (!place.isPresent || this.#isPlain(bytes, span)) return PLAIN
      if (!this.#mayBeOfHost(place)) return { hostPath: null, place: factsOf(bytes, span, null) }
    }
    const seen = byteText(seenPathOf(bytes, span))
    // A name of a known file that is itself one of the system stays.
    if (known !== null && known !== seen && !this.#host.isOfSystem(seen)) return this.#replace(bytes, span, seen, known)
    if (!place.isPresent || this.#isPlain(bytes, span)) return PLAIN
    return this.#named(bytes, span, seen, this.#pathOf(place, fileSystemPathOf(bytes, span)))
  }

  argument(bytes: Uint8Array, span: PathSpan, path: Uint8Array, at: CallTime): LocatedPath {
    const { place } = span
    const seen = byteText(path)
    const mounts = this.#host.mounts()
    if (mounts === null || !seen.startsWith('/')) return place.isPresent ? { hostPath: null, place: factsOf(bytes, span, null) } : PLAIN
    const isOfHost = !place.isPresent || place.isForeignRoot === false
    const file = isOfHost ? mounts.placeOf(this.#beforeBinds(seen, at.bootUs)) : this.#placeOf(bytes, span, seen, at.pid)
    const hostPath = file === null ? null : mounts.pathOf(file)
    return isOfHost && (hostPath === null || hostPath === seen) ? PLAIN : this.#named(bytes, span, seen, hostPath)
  }

  root(bytes: Uint8Array, span: PathSpan): LocatedPath {
    const { place } = span
    if (!place.isPresent) return { hostPath: Buffer.from('/'), place: null }
    const hostPath = this.#pathOf(place, fileSystemPathOf(bytes, span))
    return { hostPath: hostPath === null ? null : Buffer.from(hostPath, 'latin1'), place: factsOf(bytes, span, null) }
  }

  hasOverlay(device: number, bootUs: number): boolean {
    return this.#host.hasOverlay(device, bootUs)
  }

  mountsChanged(namespace: number | null): void {
    this.#host.mountsChanged(namespace)
  }

  bound(source: string, mountPoint: string, bootUs: number): void {
    this.#binds.unshift({ source, mountPoint, fromUs: bootUs, untilUs: Infinity })
    if (this.#binds.length <= MAX_BINDS) return
    this.#binds.pop()
    this.#host.counts.boundForgotten++
  }

  unbound(mountPoint: string, bootUs: number): void {
    const bind = this.#binds.find((known) => known.mountPoint === mountPoint && known.untilUs === Infinity)
    if (bind !== undefined) bind.untilUs = bootUs
  }

  /** The path that a path below a bind mount led to at a time. */
  #beforeBinds(seen: string, bootUs: number): string {
    for (const { source, mountPoint, fromUs, untilUs } of this.#binds) {
      if (bootUs < fromUs || bootUs > untilUs) continue
      if (seen === mountPoint) return source
      if (seen.startsWith(`${mountPoint}/`)) return source === '/' ? seen.slice(mountPoint.length) : source + seen.slice(mountPoint.length)
    }
    return seen
  }

  #knownFile({ isPresent, realInodeLow, realInodeHigh, realDevice }: PathPlace, file: FileIdentity | null): string | null {
    const own = file === null ? null : this.#host.fileOf(file)
    if (own !== null || !isPresent || (realInodeLow === 0 && realInodeHigh === 0)) return own
    return this.#host.fileOf({ device: realDevice, inodeLow: realInodeLow, inodeHigh: realInodeHigh })
  }

  /** Reached through the host's root and a mount that shows its files under their first names. */
  #isPlain(bytes: Uint8Array, { place, flags, start, pathEnd }: PathSpan): boolean {
    if (place.isForeignRoot !== false || (flags & TEXT.pathUnreachable) !== 0) return false
    const mount = this.#host.mounts()?.plain(place.mountId)
    return (
      mount?.device === place.device &&
      isAt(bytes, place.aboveStart, place.aboveEnd, mount.root) &&
      isAt(bytes, start + place.ownLength, pathEnd, mount.mountPoint)
    )
  }

  #mayBeOfHost({ device, magic }: PathPlace): boolean {
    return TOP_OF_KERNEL.has(magic) || (this.#host.mounts()?.has(device) ?? false)
  }

  #pathOf({ device, magic }: PathPlace, path: string | null): string | null {
    const top = TOP_OF_KERNEL.get(magic)
    if (path === null) return null
    if (top === undefined) return this.#host.mounts()?.pathOf({ device, path }) ?? null
    return path === '/' ? top : top + path
  }

  /** By the mounts of the process, or by the folder that the path starts from. */
  #placeOf(bytes: Uint8Array, span: PathSpan, seen: string, pid: number): FilePlace | null {
    const { place } = span
    const mounts = this.#host.mountsOf(place.mountNamespace, pid)
    if (mounts !== null && mounts.root?.id === place.mountId) return mounts.placeOf(seen)
    if (place.isAboveTruncated || span.isPathTruncated) return null
    // The path of the mount that the folder is in, as the process sees it.
    const top = byteText(pathOfWalked(bytes, span.start + place.ownLength, span.pathEnd, false))
    const above = byteText(pathOfWalked(bytes, place.aboveStart, place.aboveEnd, false))
    const rest = top === '/' ? seen : seen === top ? '' : seen.startsWith(`${top}/`) ? seen.slice(top.length) : null
    if (rest === null) return null
    return { device: place.device, path: above === '/' ? rest || '/' : above + (rest === '/' ? '' : rest) }
  }

  #named(bytes: Uint8Array, span: PathSpan, seen: string, hostPath: string | null): LocatedPath {
    if (hostPath === null || hostPath === seen || !this.#host.isOfSystem(hostPath)) {
      return { hostPath: null, place: span.place.isPresent ? factsOf(bytes, span, null) : null }
    }
    return this.#replace(bytes, span, seen, hostPath)
  }

  #replace(bytes: Uint8Array, span: PathSpan, seen: string, hostPath: string): LocatedPath {
    this.#host.counts.replaced++
    return { hostPath: Buffer.from(hostPath, 'latin1'), place: factsOf(bytes, span, Buffer.from(seen, 'latin1')) }
  }
}

function isAt(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false
  for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return false
  return true
}

/** Of a host of which nothing is known. */
export const NO_HOST: HostKnowledge = {
  mounts: () => null,
  mountsOf: () => null,
  mountsChanged: () => undefined,
  fileOf: () => null,
  isOfSystem: () => false,
  hasOverlay: () => false,
  counts: { replaced: 0, boundForgotten: 0 },
}

/** Paths stay as processes see them. */
export const NO_HOST_PATHS: PathLocator = new HostPaths(NO_HOST)

function factsOf(bytes: Uint8Array, span: PathSpan, seenPath: Uint8Array | null): PlaceFacts {
  const { place, flags } = span
  const hasReal = place.realInodeLow !== 0 || place.realInodeHigh !== 0
  const isWhole = place.aboveStart === place.aboveEnd && place.ownLength === span.pathEnd - span.start
  return {
    seenPath,
    isForeignRoot: place.isPresent ? place.isForeignRoot : false,
    isUnreachable: (flags & TEXT.pathUnreachable) !== 0,
    mountId: place.isPresent ? place.mountId : 0,
    mountNamespace: place.isPresent ? place.mountNamespace : 0,
    device: place.isPresent ? place.device : 0,
    fileSystemPath: !place.isPresent || isWhole ? null : joinedPath(bytes, span),
    realInode: place.isPresent && hasReal ? ((BigInt(place.realInodeHigh) << 32n) | BigInt(place.realInodeLow)).toString() : null,
    realDevice: place.realDevice,
  }
}

/** The path in the file system; null when a part of it is not known. */
function joinedPath(bytes: Uint8Array, { place, start, isPathTruncated }: PathSpan): Uint8Array | null {
  const { aboveStart, aboveEnd, ownLength } = place
  if (place.isAboveTruncated || isPathTruncated) return null
  const own = pathOfWalked(bytes, start, start + ownLength, false)
  if (aboveStart === aboveEnd) return own
  const above = pathOfWalked(bytes, aboveStart, aboveEnd, false)
  return ownLength === 0 ? above : Buffer.concat([above, own])
}

function fileSystemPathOf(bytes: Uint8Array, span: PathSpan): string | null {
  const path = joinedPath(bytes, span)
  return path === null ? null : byteText(path)
}

function seenPathOf(bytes: Uint8Array, { start, pathEnd, isPathTruncated }: PathSpan): Uint8Array {
  return pathOfWalked(bytes, start, pathEnd, isPathTruncated)
}

function byteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
