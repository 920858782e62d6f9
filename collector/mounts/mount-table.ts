// The mounts of one mount namespace: which file system and which path in it a path leads to, and by which path a file of a file system is
// seen there. By names only: it resolves no symbolic links and reads no file.
import { rootMountOf, type MountInfo } from '../../infra/process/mount-info.js'

/** A file by its file system and the path from the top of it. Byte text. */
export interface FilePlace {
  readonly device: number
  readonly path: string
}

/** A mount as places have it: walked paths, with the last component first. */
export interface PlainMount {
  readonly device: number
  readonly root: Uint8Array
  readonly mountPoint: Uint8Array
}

/** Immutable. */
export class MountTable {
  /** Per file system, by the folder of it that is mounted: where that is seen, what was mounted first first. */
  readonly #byDevice = new Map<number, Map<string, MountInfo[]>>()
  readonly #byMountPoint = new Map<string, MountInfo>()
  readonly #plain = new Map<number, PlainMount>()
  readonly root: MountInfo | null
  /** What it was made of. */
  readonly mounts: readonly MountInfo[]
  /** Device numbers of overlays that are mounted, too, and whose files it does not locate. */
  readonly overlays: ReadonlySet<number>

  /** @param isHost whether `plain` is asked: finding those takes longest */
  constructor(mounts: readonly MountInfo[], isHost = true, overlays: ReadonlySet<number> = new Set()) {
    this.mounts = mounts
    this.overlays = overlays
    this.root = rootMountOf(mounts)
    const pointOf = new Map(mounts.map(({ id, mountPoint }) => [id, mountPoint]))
    // Another mount lies over these, at the same place.
    const hidden = new Set(
      mounts.filter(({ parentId, mountPoint }) => pointOf.get(parentId) === mountPoint).map(({ parentId }) => parentId),
    )
    for (const mount of mounts) {
      if (!hidden.has(mount.id)) this.#byMountPoint.set(mount.mountPoint, mount)
      if (!this.#byDevice.has(mount.device)) this.#byDevice.set(mount.device, new Map())
    }
    for (const mount of this.#byMountPoint.values()) this.#addRoot(mount)
    for (const roots of this.#byDevice.values()) for (const same of roots.values()) same.sort((a, b) => a.id - b.id)
    if (isHost) this.#findPlain()
  }

  #addRoot(mount: MountInfo): void {
    const roots = this.#byDevice.get(mount.device)
    const same = roots?.get(mount.root)
    if (same === undefined) roots?.set(mount.root, [mount])
    else same.push(mount)
  }

  #findPlain(): void {
    for (const mount of this.#byMountPoint.values()) {
      const { id, device, root, mountPoint } = mount
      if (this.pathOf({ device, path: root }) !== mountPoint) continue
      this.#plain.set(id, { device, root: walkedPath(root), mountPoint: walkedPath(mountPoint) })
    }
  }

  /** Whether files of this file system can be seen. */
  has(device: number): boolean {
    return this.#byDevice.has(device)
  }

  /**
   * The mount with this id, if it shows its files under the paths that `pathOf` has for them: of several that show one folder, one does.
   * Ids are used again: compare the rest.
   */
  plain(id: number): PlainMount | undefined {
    return this.#plain.get(id)
  }

  /** Where an absolute path leads to. @param path without `.`, `..` and repeated slashes */
  placeOf(path: string): FilePlace | null {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const mount = this.#byMountPoint.get(path.slice(0, end))
      if (mount !== undefined) return { device: mount.device, path: joined(mount.root, path.slice(end)) }
    }
    const top = this.#byMountPoint.get('/')
    return top === undefined ? null : { device: top.device, path: joined(top.root, path) }
  }

  /** The path by which a file is seen; null when no mount shows it, or another mount hides it. */
  pathOf({ device, path }: FilePlace): string | null {
    const roots = this.#byDevice.get(device)
    if (roots === undefined) return null
    // The largest part of the file system first.
    for (const root of foldersOf(path)) {
      const rest = root === '/' && path !== '/' ? path : path.slice(root.length)
      for (const { mountPoint } of roots.get(root) ?? []) {
        const seen = joined(mountPoint, rest)
        const back = this.placeOf(seen)
        if (back?.device === device && back.path === path) return seen
      }
    }
    return null
  }
}

function walkedPath(path: string): Uint8Array {
  const components = path.split('/').filter((component) => component !== '')
  return Buffer.from(
    components
      .reverse()
      .map((component) => `${component}\0`)
      .join(''),
    'latin1',
  )
}

/** The folders that a path goes through, from the top, and itself. */
function* foldersOf(path: string): Generator<string> {
  yield '/'
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) yield path.slice(0, end)
  if (path !== '/') yield path
}

/** @param rest empty, or from a slash on */
function joined(folder: string, rest: string): string {
  if (folder === '/') return rest === '' ? '/' : rest
  return rest === '/' ? folder : folder + rest
}
