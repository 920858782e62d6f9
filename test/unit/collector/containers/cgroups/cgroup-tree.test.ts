// The tree over real folders: any folder has an inode, so a temporary folder serves as a mounted hierarchy.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CgroupHierarchy, OwnCgroups } from '../../../../../collector/containers/cgroups/cgroup-hierarchies.js'
import { type CgroupFiles, NO_CGROUP_FILES } from '../../../../../collector/containers/cgroups/cgroup-files.js'
import { CgroupTree, type CgroupNode, type CgroupTreeConfig } from '../../../../../collector/containers/cgroups/cgroup-tree.js'
import { CONTAINER_TRACKER_DEFAULTS } from '../../../../../collector/containers/container-tracker.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { waitFor } from '../../../../support/wait-for.js'

const ID = '1a'.repeat(32)

describe('CgroupTree', () => {
  let folder: string
  let own: OwnCgroups
  let tree: CgroupTree
  let came: CgroupNode[]

  function make(changes: Partial<CgroupTreeConfig> = {}, files: Partial<CgroupFiles> = {}): CgroupTree {
    const hierarchies: readonly CgroupHierarchy[] = [
      { kind: 'v2', hierarchyId: 0, mountPoint: folder, rootPath: '/' },
      { kind: 'v1', hierarchyId: 8, mountPoint: join(folder, 'nowhere'), rootPath: '/' },
    ]
    came = []
    own = new OwnCgroups()
    tree = new CgroupTree(
      { ...CONTAINER_TRACKER_DEFAULTS, minWalkIntervalMs: 1, ...changes },
      hierarchies,
      own,
      { ...NO_CGROUP_FILES, ...files },
      (node) => came.push(node),
      SILENT_LOGGER,
    )
    return tree
  }

  function inodeOf(path: string): bigint {
    return statSync(join(folder, path), { bigint: true }).ino
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-tree-'))
    mkdirSync(join(folder, 'docker', ID, 'inner'), { recursive: true })
    make()
  })

  afterEach(async () => {
    await tree.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('finds existing cgroups by a walk', async () => {
    await tree.walkNow()
    assert.equal(tree.find('v2', inodeOf('/'))?.path, '/')
    const node = tree.find('v2', inodeOf(`/docker/${ID}/inner`))
    assert.deepEqual(node?.membership, { path: `/docker/${ID}/inner`, claim: ID, claimUid: null, containerId: null })
    assert.equal(tree.counters().live, 4)
  })

  it('returns paths below the mounted root', async () => {
    const hierarchies: readonly CgroupHierarchy[] = [{ kind: 'v2', hierarchyId: 0, mountPoint: folder, rootPath: '/outer' }]
    const part = new CgroupTree(CONTAINER_TRACKER_DEFAULTS, hierarchies, own, NO_CGROUP_FILES, () => undefined, SILENT_LOGGER)
    await part.walkNow()
    assert.equal(part.find('v2', inodeOf('/'))?.path, '/outer')
    assert.equal(part.find('v2', inodeOf('/docker'))?.path, '/outer/docker')
    await part.stop()
  })

  it('finds a requested cgroup by its own walk, and signals the changed answer', async () => {
    await tree.walkNow()
    mkdirSync(join(folder, 'late'))
    const before = tree.generation
    assert.equal(tree.find('v2', inodeOf('/late')), null)
    await waitFor('the walk', () => tree.find('v2', inodeOf('/late')))
    assert.ok(tree.generation > before)
    assert.equal(came.at(-1)?.isRecorded, false)
  })

  it('walks once for a missing id', async () => {
    await tree.walkNow()
    assert.equal(tree.find('v2', 1n << 63n), null)
    await waitFor('the walk', () => tree.counters().missing === 1)
    const { walks } = tree.counters()
    for (let count = 0; count < 10; count++) tree.find('v2', 1n << 63n)
    await new Promise((resolve) => setImmediate(resolve))
    await tree.walkNow()
    assert.equal(tree.counters().walks, walks + 1) // only the one requested here
  })

  it('uses a record for an id that was missing', async () => {
    tree.find('v2', 77n)
    await waitFor('the walk', () => tree.counters().missing === 1)
    const before = tree.generation
    tree.created(77n, 0, '/late', 0)
    assert.equal(tree.find('v2', 77n)?.path, '/late')
    assert.ok(tree.generation > before)
  })

  it('separates ids of v1 and v2, and ignores other hierarchies', () => {
    tree.created(5n, 0, '/two', 0)
    tree.created(5n, 8, '/one', 0)
    tree.created(6n, 3, '/other', 0)
    assert.equal(tree.find('v2', 5n)?.path, '/two')
    assert.equal(tree.find('v1', 5n)?.path, '/one')
    tree.removed(5n, 3)
    tree.removed(5n, 8)
    assert.equal(tree.find('v2', 5n)?.isRemoved, false)
    assert.equal(tree.find('v1', 5n)?.isRemoved, true)
  })

  it('returns the container of a cgroup that was confirmed before or after its creation, also after its removal', () => {
    own.add('v2', '/a', 'A')
    tree.created(1n, 0, '/a', 0)
    tree.created(2n, 0, '/b', 0)
    tree.created(3n, 0, '/b/deep', 0)
    tree.created(4n, 0, '/bc', 0)
    tree.removed(2n, 0)
    const before = tree.find('v2', 2n)?.membership
    own.add('v2', '/b', 'B')
    const generation = tree.generation
    assert.equal(tree.ownerAdded('v2', '/b')?.cgroupId, 2n)
    assert.deepEqual(
      [1n, 2n, 3n, 4n].map((id) => tree.find('v2', id)?.membership.containerId),
      ['A', 'B', 'B', null],
    )
    assert.notEqual(tree.find('v2', 2n)?.membership, before) // replaced, not changed
    assert.equal(before?.containerId, null)
    assert.ok(tree.generation > generation)
  })

  it('keeps the container of a confirmed cgroup when its path gets another owner', () => {
    own.add('v2', '/a', 'A')
    tree.created(1n, 0, '/a', 0)
    own.forget('A')
    tree.created(2n, 0, '/a', 0)
    own.add('v2', '/a', 'B')
    tree.ownerAdded('v2', '/a')
    assert.equal(tree.find('v2', 1n)?.membership.containerId, 'A')
    assert.equal(tree.find('v2', 1n)?.isRemoved, true) // its path was recreated
    assert.equal(tree.find('v2', 2n)?.membership.containerId, 'B')
  })

  it('returns a nested container when it is confirmed', () => {
    own.add('v2', '/a', 'A')
    tree.created(1n, 0, '/a/b/c', 0)
    own.add('v2', '/a/b', 'B')
    tree.ownerAdded('v2', '/a/b')
    assert.equal(tree.find('v2', 1n)?.membership.containerId, 'B')
    own.add('v2', '/', 'host')
    tree.ownerAdded('v2', '/a')
    assert.equal(tree.find('v2', 1n)?.membership.containerId, 'B')
  })

  it('finds by a walk what was removed without a record, and keeps what was created meanwhile', async () => {
    await tree.walkNow()
    const inode = inodeOf(`/docker/${ID}/inner`)
    rmdirSync(join(folder, 'docker', ID, 'inner'))
    const walk = tree.walkNow()
    tree.created(1n << 62n, 0, '/only-in-a-record', 0)
    await walk
    assert.equal(tree.find('v2', inode)?.isRemoved, true)
    assert.equal(tree.find('v2', 1n << 62n)?.isRemoved, false)
  })

  it('refuses live cgroups over their bound, drops removed ones over theirs, and counts both', () => {
    make({ maxCgroups: 3, maxRemovedCgroups: 2 })
    for (let id = 1n; id <= 5n; id++) tree.created(id, 0, `/${id}`, 0)
    assert.deepEqual([tree.counters().live, tree.counters().refused], [3, 2])
    for (let id = 1n; id <= 3n; id++) tree.removed(id, 0)
    assert.deepEqual([tree.counters().live, tree.counters().removed, tree.counters().forgotten], [0, 2, 1])
    tree.created(9n, 0, '/9', 0)
    assert.equal(tree.find('v2', 9n)?.path, '/9')
    assert.equal(tree.find('v2', 3n)?.path, '/3')
  })

  it('knows cgroups beyond the bound while they are needed, and finds them again by their ids', () => {
    const paths = new Map<bigint, string>()
    make({ maxCgroups: 1, maxPassingCgroups: 2, minWalkIntervalMs: 3_600_000 }, { pathOf: (_, cgroupId) => paths.get(cgroupId) ?? null })
    own.add('v2', '/docker/outer', 'outer')
    for (let id = 1n; id <= 5n; id++) tree.created(id, 0, `/docker/outer/${String(id)}`, 0)
    assert.equal(tree.find('v2', 5n)?.membership.containerId, 'outer')
    assert.deepEqual([tree.counters().refused, tree.counters().forgotten], [4, 2])
    assert.equal(tree.find('v2', 2n), null)
    paths.set(3n, '/docker/outer/3')
    assert.equal(tree.find('v2', 3n)?.membership.containerId, 'outer')
    assert.equal(tree.counters().foundById, 1)
    own.add('v2', '/docker/outer/3', 'inner')
    tree.ownerAdded('v2', '/docker/outer/3')
    assert.equal(tree.find('v2', 3n)?.membership.containerId, 'inner')
  })

  it('looks up a cgroup without a record by its id, and is wrong about none that is gone', () => {
    make(
      { minWalkIntervalMs: 3_600_000 },
      { pathOf: (_, cgroupId) => (cgroupId === 7n ? `/docker/${ID}/deep` : null), creatorAt: () => 1000 },
    )
    own.add('v2', `/docker/${ID}`, ID)
    assert.deepEqual(tree.find('v2', 7n)?.membership, { path: `/docker/${ID}/deep`, claim: ID, claimUid: 1000, containerId: ID })
    assert.equal(tree.find('v2', 8n), null)
  })

  it('says who could choose the name of a claim: who created that cgroup, not one below', () => {
    tree.created(1n, 0, `/user.slice/docker-${ID}.scope`, 1000)
    tree.created(2n, 0, `/user.slice/docker-${ID}.scope/below`, 0)
    tree.created(3n, 0, '/user.slice/plain', 1000)
    assert.deepEqual(
      [1n, 2n, 3n].map((id) => tree.find('v2', id)?.membership.claimUid),
      [1000, 1000, null],
    )
  })

  it('adds a cgroup that a runtime assigned to a container, even when full', () => {
    make({ maxCgroups: 3 })
    own.add('v2', `/docker/${ID}`, ID)
    for (let id = 1n; id <= 5n; id++) tree.created(id, 0, `/bomb/${id}`, 0)
    tree.created(6n, 0, `/docker/${'9'.repeat(64)}`, 0) // only named like one
    tree.created(7n, 0, `/docker/${ID}`, 0)
    assert.equal(tree.find('v2', 7n)?.membership.containerId, ID)
    assert.deepEqual([tree.counters().live, tree.counters().refused], [4, 3])
  })

  it('stores requested ids up to its bound', async () => {
    make({ maxMissingIds: 4 })
    for (let id = 1n; id <= 100n; id++) tree.find('v2', id << 40n)
    await waitFor('the walk', () => tree.counters().missing > 0)
    assert.equal(tree.counters().missing, 4)
    tree.find('v2', 101n << 40n)
    await waitFor('the next walk', () => tree.counters().missing === 5)
  })
})
