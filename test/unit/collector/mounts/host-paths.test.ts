import assert from 'node:assert/strict'
import { HostPaths, PLAIN } from '../../../../collector/mounts/host-paths.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'
import { PathSpan } from '../../../../collector/ring-events/record-texts.js'
import type { FileIdentity } from '../../../../collector/mounts/host-files.js'
import type { MountInfo } from '../../../../infra/process/mount-info.js'
import { PATH_PLACE, PLACE_FOREIGN_ROOT, TEXT } from '../../../../native/generated/layout.js'

const ROOT = 1
const OWN_NAMESPACE = 77
const mount = (id: number, device: number, root: string, mountPoint: string): MountInfo => {
  return { id, parentId: 1, device, root, mountPoint, fsType: 'ext4' }
}
const TABLE = new MountTable([mount(27, ROOT, '/', '/'), mount(30, 5, '/', '/srv')])
const SHADOW: FileIdentity = { device: ROOT, inodeLow: 4711, inodeHigh: 0 }

interface Place {
  readonly device?: number
  readonly mountId?: number
  readonly own: string
  readonly above?: string
  readonly isForeign?: boolean
  readonly magic?: number
}

const walked = (path: string): string =>
  path
    .split('/')
    .filter((name) => name !== '')
    .reverse()
    .map((name) => `${name}\0`)
    .join('')

/** A path with its place, as a record holds them. */
function spanOf(path: string, place: Place | null): { bytes: Uint8Array; span: PathSpan } {
  const names = Buffer.from(walked(path))
  const fixed = Buffer.alloc(PATH_PLACE.bytes)
  const above = Buffer.from(walked(place?.above ?? ''))
  fixed.writeUInt32LE(place?.device ?? ROOT, PATH_PLACE.device)
  fixed.writeUInt32LE(place?.mountId ?? 99, PATH_PLACE.mountId)
  fixed.writeUInt32LE(OWN_NAMESPACE, PATH_PLACE.mountNamespace)
  fixed.writeUInt32LE(place?.magic ?? 0, PATH_PLACE.magic)
  fixed.writeUInt32LE(walked(place?.own ?? '').length, PATH_PLACE.ownLength)
  fixed.writeUInt32LE(above.length, PATH_PLACE.aboveLength)
  fixed.writeUInt32LE(place?.isForeign === false ? 0 : PLACE_FOREIGN_ROOT, PATH_PLACE.flags)
  const bytes = new Uint8Array(Buffer.concat([names, place === null ? Buffer.alloc(0) : fixed, above]))
  const span = new PathSpan()
  span.set(0, names.length, 0, place === null ? 0 : TEXT.hasPlace)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  assert.equal(span.readPlace(bytes, view, names.length, bytes.length), bytes.length)
  return { bytes, span }
}

describe('paths of the host', () => {
  const counts = { replaced: 0, boundForgotten: 0 }
  const paths = (mountsOf: MountTable | null = null): HostPaths =>
    new HostPaths({
      mounts: () => TABLE,
      mountsOf: () => mountsOf,
      mountsChanged: () => undefined,
      fileOf: ({ device, inodeLow }) => (device === ROOT && inodeLow === SHADOW.inodeLow ? '/etc/shadow' : null),
      isOfSystem: (path) => path.startsWith('/etc/'),
      hasOverlay: () => false,
      counts,
    })
  const text = (bytes: Uint8Array | null | undefined): string | null => (bytes ? Buffer.from(bytes).toString() : null)
  const fileOf = (path: string, place: Place | null, file: FileIdentity | null = null) => {
    const { bytes, span } = spanOf(path, place)
    const { hostPath, place: facts } = paths().file(bytes, span, file)
    return { hostPath: text(hostPath), seen: text(facts?.seenPath), inFileSystem: text(facts?.fileSystemPath) }
  }

  it('are found by the path in the file system, from below another root', () => {
    assert.deepEqual(fileOf('/shadow', { own: '/shadow', above: '/etc' }), {
      hostPath: '/etc/shadow',
      seen: '/shadow',
      inFileSystem: '/etc/shadow',
    })
  })

  it('are found through a bind mount of the host, whose id may have belonged to another mount', () => {
    const bind = { own: '/shadow', above: '/etc', isForeign: false, mountId: 27 }
    assert.equal(fileOf('/tmp/x/shadow', bind).hostPath, '/etc/shadow')
  })

  it('leave files alone that are none of the system, and those under their own name', () => {
    const ofJail = { own: '/data/x', above: '/home/jail' }
    assert.deepEqual(fileOf('/data/x', ofJail), { hostPath: null, seen: null, inFileSystem: '/home/jail/data/x' })
    assert.deepEqual(fileOf('/etc/shadow', { own: '/etc/shadow', device: 9 }), { hostPath: null, seen: null, inFileSystem: null })
    const { bytes, span } = spanOf('/srv/a', { own: '/a', device: 5, mountId: 30, isForeign: false })
    assert.equal(paths().file(bytes, span, null), PLAIN)
    const own = spanOf('/etc/shadow', null)
    assert.equal(paths().file(own.bytes, own.span, SHADOW), PLAIN)
  })

  it('are found by device and inode where no path says it', () => {
    assert.deepEqual(fileOf('/tmp/notes', null, SHADOW), { hostPath: '/etc/shadow', seen: '/tmp/notes', inFileSystem: null })
  })

  it('of a root folder are those of the file system on the host: the top of proc is /proc', () => {
    const root = (place: Place) => {
      const { bytes, span } = spanOf('/', place)
      return text(paths().root(bytes, span).hostPath)
    }
    assert.equal(root({ own: '', magic: 0x9fa0, device: 9 }), '/proc')
    assert.equal(root({ own: '', above: '/self', magic: 0x9fa0, device: 9 }), '/proc/self')
    assert.equal(root({ own: '', above: '/etc' }), '/etc')
  })

  it('of an argument start from the folder or the root of the process', () => {
    const argument = (path: string, base: string, place: Place) => {
      const { bytes, span } = spanOf(base, place)
      return text(paths().argument(bytes, span, Buffer.from(path), { pid: 1, bootUs: 5 }).hostPath)
    }
    assert.equal(argument('/shadow', '/', { own: '', above: '/etc' }), '/etc/shadow')
    assert.equal(argument('/here/pam.d/su', '/here/pam.d', { own: '/pam.d', above: '/etc' }), '/etc/pam.d/su')
    assert.equal(argument('/other/file', '/here/pam.d', { own: '/pam.d', above: '/etc' }), null)
  })

  it('of an argument follow the bind mounts that the host made, while they were there, up to a bound', () => {
    const known = paths()
    const { bytes, span } = spanOf('/', null)
    const at = (bootUs: number): string | null => {
      return text(known.argument(bytes, span, Buffer.from('/tmp/x/shadow'), { pid: 1, bootUs }).hostPath)
    }
    known.bound('/etc', '/tmp/x', 10)
    known.unbound('/tmp/x', 20)
    assert.deepEqual([at(9), at(15), at(21)], [null, '/etc/shadow', null])
    for (let index = 0; index < 256; index++) known.bound('/srv', `/mnt/${String(index)}`, 30)
    assert.equal(counts.boundForgotten, 1)
    assert.equal(at(15), null)
  })
})
