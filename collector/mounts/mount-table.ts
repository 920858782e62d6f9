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
  readonly #byDevice = new Map<number, MountInfo[]>()
  readonly #byMountPoint = new Map<string, MountInfo>()
  readonly #plain = new Map<number, PlainMount>()
  readonly root: MountInfo | null

  constructor(mounts: readonly MountInfo[]) {
    this.root = rootMountOf(mounts)
    const pointOf = new Map(mounts.map(({ id, mountPoint }) => [id, mountPoint]))
    // Another mount lies over these, at the same place.
    const hidden = new Set(
      mounts.filter(({ parentId, mountPoint }) => pointOf.get(parentId) === mountPoint).map(({ parentId }) => parentId),
    )
    for (const mount of mounts) {
      if (!hidden.has(mount.id)) this.#byMountPoint.set(mount.mountPoint, mount)
      const same = this.#byDevice.get(mount.device)
      if (same === undefined) this.#byDevice.set(mount.device, [mount])
      else same.push(mount)
    }
    // The largest part of a file system first; of equal ones the one that was mounted first.
    for (const same of this.#byDevice.values()) same.sort((a, b) => a.root.length - b.root.length || a.id - b.id)
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
    for (const { root, mountPoint } of this.#byDevice.get(device) ?? []) {
      const rest = restBelow(root, path)
      if (rest === null) continue
      const seen = joined(mountPoint, rest)
      const back = this.placeOf(seen)
      if (back?.device === device && back.path === path) return seen
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

/** What follows `folder` in `path`, with its slash; empty for the folder itself, null for a path outside of it. */
function restBelow(folder: string, path: string): string | null {
  if (folder === '/') return path === '/' ? '' : path
  if (path === folder) return ''
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : null
}

/** @param rest empty, or from a slash on */
function joined(folder: string, rest: string): string {
  if (folder === '/') return rest === '' ? '/' : rest
  return rest === '/' ? folder : folder + rest
}
