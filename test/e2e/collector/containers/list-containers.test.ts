// `eunomia containers` without a collector: real Docker, real processes, and the layouts of other runtimes made by hand.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { containerOfCgroup, containerOfPid, containersById, listContainers } from '../../../../collector/containers/list-containers.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { cgroup2MountPoint } from '../../../support/cgroup-watcher.js'
import { useDocker } from '../../../support/services/docker.js'
import { waitFor } from '../../../support/wait-for.js'

const NEVER = new AbortController().signal
const OTHER = 'e5'.repeat(32)

/** Folders of the layouts that this host has no runtime for, below the root of v2, and the id that they claim. */
const LAYOUTS: readonly (readonly [string, string, string])[] = [
  ['containerd in Kubernetes', `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${OTHER}.scope`, OTHER],
  ['containerd in Kubernetes, cgroupfs', `/kubepods/burstable/pod1/${OTHER}`, OTHER],
  ['CRI-O', `/kubepods.slice/kubepods-pod2.slice/crio-${OTHER}.scope/container`, OTHER],
  ['podman', `/machine.slice/libpod-${OTHER}.scope/container`, OTHER],
  ['podman without root', `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${OTHER}.scope`, OTHER],
  ['nerdctl', `/system.slice/nerdctl-${OTHER}.scope`, OTHER],
  ['LXC', '/lxc.payload.web/init.scope', 'web'],
  ['Docker, systemd driver', `/system.slice/docker-${OTHER}.scope`, OTHER],
]

describe('listing containers without a collector', () => {
  const docker = useDocker()
  let runtime: DockerRuntime
  let sleeper: ChildProcess | null = null

  beforeEach(() => {
    runtime = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker().socketPath }, SILENT_LOGGER)
  })

  afterEach(() => {
    runtime.close()
    sleeper?.kill('SIGKILL')
    sleeper = null
  })

  it('reports names, images and processes, and finds a container by process, cgroup, id and name', async () => {
    const id = await docker().runDetached(['--name', 'listed'], ['sh', '-c', 'sleep 1000 & wait'])
    try {
      const listing = await waitFor('both processes', async () => {
        const now = await listContainers([runtime], NEVER)
        return now.containers.some((container) => container.containerId === id && container.pids.length === 2) ? now : null
      })
      const container = listing.containers.find(({ containerId }) => containerId === id)
      assert.ok(container !== undefined && container.initPid !== null)
      assert.equal(container.facts.name, 'listed')
      assert.ok(container.pids.includes(container.initPid))
      for (const pid of container.pids) assert.equal((await containerOfPid(listing, pid)).container, container)
      const cgroupId = statSync(join(cgroup2MountPoint(), 'docker', id), { bigint: true }).ino
      assert.equal(container.cgroupId, cgroupId.toString())
      assert.equal(container.cgroupPath, `/docker/${id}`)
      assert.equal((await containerOfCgroup(listing, cgroupId.toString(), NEVER)).container, container)
      assert.equal((await containerOfCgroup(listing, `/docker/${id}/below`, NEVER)).container, container)
      assert.deepEqual(containersById(listing, id.slice(0, 12)), [container])
      assert.deepEqual(containersById(listing, 'listed'), [container])
      assert.deepEqual(await containerOfPid(listing, process.pid), { container: null, claim: null, path: '/' })
      assert.deepEqual(await containerOfPid(listing, 4_194_305), { container: null, claim: null, path: null })
    } finally {
      await docker().docker('rm', '-f', id)
    }
  })

  it('names a runtime that does not answer', async () => {
    const away = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: join(docker().folder, 'nowhere.sock') }, SILENT_LOGGER)
    const { containers, unreachable } = await listContainers([away], NEVER)
    assert.deepEqual(containers, [])
    assert.equal(unreachable[0]?.error.code, 'EUNOMIA_RUNTIME_UNREACHABLE')
  })

  for (const [what, path, claim] of LAYOUTS) {
    it(`reports the claim of a process in a cgroup of ${what}, which no runtime confirms`, async () => {
      const folder = join(cgroup2MountPoint(), path)
      const first = mkdirSync(folder, { recursive: true })
      try {
        const child = spawn('sleep', ['1000'])
        sleeper = child
        assert.ok(child.pid !== undefined)
        writeFileSync(join(folder, 'cgroup.procs'), String(child.pid))
        const listing = await listContainers([runtime], NEVER)
        assert.deepEqual(await containerOfPid(listing, child.pid), { container: null, claim, path })
        const cgroupId = statSync(folder, { bigint: true }).ino
        assert.deepEqual(await containerOfCgroup(listing, cgroupId.toString(), NEVER), { container: null, claim, path })
      } finally {
        const ended = new Promise((resolve) => sleeper?.once('exit', resolve))
        sleeper?.kill('SIGKILL')
        await ended
        await waitFor('the empty cgroup', () => isRemoved(folder))
        for (let parent = dirname(folder); first !== undefined && parent.startsWith(first); parent = dirname(parent)) rmdirSync(parent)
      }
    })
  }
})

/** A cgroup can be removed when the kernel has let go of its last process, a moment after that ended. */
function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false
    throw error
  }
}
