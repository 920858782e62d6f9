// LXC by its cgroups, with temporary folders as a hierarchy.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LxcRuntime } from '../../../../../collector/containers/runtimes/lxc-runtime.js'
import type { RuntimeEvent, RuntimeEvents } from '../../../../../collector/containers/runtime.js'
import { waitFor } from '../../../../support/wait-for.js'

const HASH = '1f'.repeat(32)

describe('LxcRuntime', () => {
  let root: string
  let runtime: LxcRuntime
  let stream: RuntimeEvents | null = null

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'eunomia-lxc-'))
    runtime = new LxcRuntime([{ kind: 'v2', hierarchyId: 0, mountPoint: root, rootPath: '/' }])
  })

  afterEach(async () => {
    await stream?.stop()
    stream = null
    rmSync(root, { recursive: true })
  })

  it('lists payloads of both layouts, but no monitors and nothing elsewhere', async () => {
    for (const path of ['lxc.payload.web', 'lxc.monitor.web', 'lxc/101', 'lxc/lxc.monitor', 'user.slice/lxc.payload.mine', 'lxc.payload.'])
      mkdirSync(join(root, path), { recursive: true })
    assert.deepEqual([...(await runtime.list())].sort(), ['101', 'web'])
  })

  it('returns name, paths and the first process, which may be in a cgroup below', async () => {
    mkdirSync(join(root, 'lxc.payload.web/init.scope'), { recursive: true })
    writeFileSync(join(root, 'lxc.payload.web/cgroup.procs'), '')
    writeFileSync(join(root, 'lxc.payload.web/init.scope/cgroup.procs'), `${String(process.pid)}\n0\n-1\nx\n9999999999\n`)
    const found = await runtime.facts('web')
    assert.equal(found?.facts.name, 'web')
    assert.deepEqual(found.cgroupPaths, ['/lxc.payload.web', '/lxc/web'])
    assert.equal(found.initPid, process.pid)
  })

  it("does not know missing containers, a user's containers, or invalid names", async () => {
    mkdirSync(join(root, 'user.slice/lxc.payload.mine'), { recursive: true })
    mkdirSync(join(root, 'lxc.payload.a/b'), { recursive: true })
    for (const name of ['web', 'mine', 'a/b', '', '.', '..', '../user.slice', 'x'.repeat(256), HASH])
      assert.equal(await runtime.facts(name), null, name)
    assert.equal(runtime.mayKnow(HASH), false)
  })

  it('reports starts and ends, also below a parent created later', async () => {
    mkdirSync(join(root, 'lxc.payload.old'))
    const events: RuntimeEvent[] = []
    stream = runtime.events((event) => events.push(event))
    await waitFor('the first look', () => events.length === 1)
    mkdirSync(join(root, 'lxc.payload.web'))
    await waitFor('the start', () => events.some((event) => event.type === 'started' && event.containerId === 'web'))
    mkdirSync(join(root, 'lxc'))
    mkdirSync(join(root, 'lxc/101'))
    await waitFor('the second start', () => events.some((event) => event.type === 'started' && event.containerId === '101'))
    mkdirSync(join(root, 'lxc/102'))
    await waitFor('the third start', () => events.some((event) => event.type === 'started' && event.containerId === '102'))
    rmSync(join(root, 'lxc.payload.web'), { recursive: true })
    await waitFor('the end', () => events.some((event) => event.type === 'removed'))
    assert.deepEqual(events.slice(-2), [
      { type: 'stopped', containerId: 'web', exitCode: null },
      { type: 'removed', containerId: 'web' },
    ])
    assert.equal(events.filter((event) => event.type === 'started').length, 3)
    assert.equal(runtime.counters.watchesFailed, 0)
  })

  it('ignores a hierarchy that is not mounted at its root', async () => {
    mkdirSync(join(root, 'lxc.payload.web'))
    const inside = new LxcRuntime([{ kind: 'v2', hierarchyId: 0, mountPoint: root, rootPath: '/docker/x' }])
    assert.deepEqual(await inside.list(), [])
    assert.equal(await inside.facts('web'), null)
  })
})
