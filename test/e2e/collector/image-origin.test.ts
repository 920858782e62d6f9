// Which programs of containers are proven to be of their image, on the real kernel with a real Docker: those of layers that the runtime mounted,
// and none of layers that root of the container chose. Needs root.
import assert from 'node:assert/strict'
import { LivePaths } from '../../../collector/mounts/live-paths.js'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import type { Process } from '../../../schemas/generated/types.js'
import { originOf } from '../../../schemas/program-origin.js'
import { runLiveCollector, type LiveCollector } from '../../support/load/live-collector.js'
import { useDocker } from '../../support/services/docker.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

const CONTAINER = 'image-origin'

describe('the origin of programs of a container', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let running: LiveCollector | undefined

  after(async () => {
    await running?.stop()
    await docker().docker('rm', '-f', CONTAINER)
    workloads.close()
  })

  it('is its image for what the runtime mounted, also at once after its start, and never for layers of its own choice', async () => {
    const paths = new LivePaths({ hostFiles: [] })
    const collector = (running = await runLiveCollector({}, { host: { paths: paths.knowledge } }))
    await docker().runDetached(['--name', CONTAINER, '--privileged'], ['sleep', '600'])
    await docker().docker('cp', workloads.program('attacks/own-layers'), `${CONTAINER}:/tmp/own-layers`)
    await docker().docker('exec', CONTAINER, 'mkdir', '/tmp/layers')
    await docker().docker('exec', CONTAINER, '/tmp/own-layers', '/tmp/layers', 'dpkg', 'own-layers-tag')

    const found = (what: string, fits: (process: Process) => boolean): Promise<Process> =>
      waitFor(what, () => collector.reader.process.find(({ type, process }) => type === 'exec' && fits(process))?.process)
    const origin = ({ exeFlags: flags, exePath, program }: Process): string | null =>
      originOf({ flags, exePath, program, isInContainer: true })
    const first = await found('the first program', ({ args }) => args[0] === 'sleep' && args[1] === '600')
    const made = await found('a program of the image', ({ args }) => args[0] === 'mkdir' && args[1] === '/tmp/layers')
    const own = await found('the program of its own layers', ({ args }) => args[2] === 'own-layers-tag')
    assert.deepEqual([origin(first), origin(made)], ['image', 'image'])
    const { local, lowerLayer, rootOwned } = EXE_FLAGS
    const all = local | lowerLayer | rootOwned
    assert.deepEqual([own.exePath, own.exeFlags & all, origin(own)], ['/usr/bin/dpkg', all, null])
  })
})
