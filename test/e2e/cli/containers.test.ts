// `eunomia containers` with a real Docker: which containers run, and whose a process is.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ListedContainer } from '../../../collector/containers/list-containers.js'
import { BUSYBOX_IMAGE, useDocker } from '../../support/services/docker.js'
import { valuesOf } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'

describe('eunomia containers', () => {
  const docker = useDocker()
  const ids = new Map<string, string>()
  const pids = new Map<string, number>()
  let folder = ''

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-containers-'))
    for (const name of ['listed-one', 'listed-two']) {
      ids.set(name, await docker().runDetached(['--name', name], ['sleep', '600']))
      pids.set(name, Number(await docker().docker('inspect', '--format', '{{.State.Pid}}', name)))
    }
  })
  after(async () => {
    await docker().docker('rm', '-f', ...ids.keys())
    rmSync(folder, { recursive: true, force: true })
  })

  const containers = async (...args: string[]): Promise<EndedCommand> =>
    await runInHost(['containers', '--docker-socket', docker().socketPath, ...args], {
      environment: { EUNOMIA_STATE_FOLDER: join(folder, 'state') },
    })
  const printedBy = ({ stdout }: EndedCommand): unknown[] =>
    valuesOf<ListedContainer>(stdout).map(({ containerId, runtime, facts: { name, image, isPrivileged }, pids: ofIt }) => [
      containerId,
      runtime,
      name,
      image,
      isPrivileged,
      ofIt,
    ])
  const expected = (name: string): unknown[] => [ids.get(name), 'docker', name, BUSYBOX_IMAGE, false, [pids.get(name)]]

  it('prints one JSON object a line for each running container, with its processes, oldest first', async () => {
    const eunomia = await containers('--json')
    assert.equal(eunomia.status, 0, eunomia.stderr)
    const names = new Set(ids.keys())
    const ours = valuesOf<ListedContainer>(eunomia.stdout).filter(({ facts: { name } }) => names.has(name))
    assert.equal(ours.length, 2, 'each once')
    assert.deepEqual(
      printedBy(eunomia).filter((container) => Array.isArray(container) && names.has(String(container[2]))),
      [expected('listed-one'), expected('listed-two')],
    )
    for (const { containerId, cgroupPath } of ours) assert.equal(cgroupPath?.endsWith(`/${containerId}`), true, String(cgroupPath))
  })

  it('finds the container of a process; none for a process of the host, an error for an absent one', async () => {
    const inside = await containers('--json', '--pid', String(pids.get('listed-two')))
    assert.deepEqual([inside.status, printedBy(inside)], [0, [expected('listed-two')]], inside.stderr)
    const outside = await containers('--pid', String(process.pid))
    assert.deepEqual([outside.status, outside.stdout], [0, 'no container\n'], outside.stderr)
    const nobody = await containers('--json', '--pid', '4194304')
    assert.deepEqual([nobody.status, nobody.stdout], [2, ''])
    assert.match(nobody.stderr, /process 4194304 does not exist/)
  })

  it('finds a container by a prefix of its id, and by its name', async () => {
    for (const asked of [ids.get('listed-one')?.slice(0, 12) ?? '', 'listed-one']) {
      const found = await containers('--json', '--id', asked)
      assert.deepEqual([found.status, printedBy(found)], [0, [expected('listed-one')]], found.stderr)
    }
    const none = await containers('--json', '--id', 'no-such-container')
    assert.deepEqual([none.status, none.stdout], [0, ''], none.stderr)
  })
})
