// A process in a real container that enters a cgroup below, named after another container, while no runtime answers: it is never taken for one of
// the host, because the container that it is in may still be real. Needs root.
import assert from 'node:assert/strict'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import type { ContainerRuntime } from '../../../../collector/containers/runtime.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { membershipFunction } from '../../../../processors/functions/membership.js'
import { ContainerLookup } from '../../../../processors/membership/container-lookup.js'
import type { ContainerKnowledge } from '../../../../processors/rule-engine/fields/rule-event.js'
import type { ProcessEvent } from '../../../../schemas/generated/types.js'
import { cgroup2MountPoint } from '../../../support/cgroup-watcher.js'
import { FunctionBench } from '../../../support/load/function-bench.js'
import { runLiveCollector } from '../../../support/load/live-collector.js'
import { useDocker } from '../../../support/services/docker.js'
import { waitFor } from '../../../support/wait-for.js'
import { Workloads } from '../../native/workload.js'

const NOBODY = 65534

describe('a container that names a cgroup below its own after another container', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  const ids: string[] = []
  const bench = new FunctionBench()
  let events: ContainerEventBody[] = []

  after(async () => {
    if (ids.length > 0) await docker().docker('rm', '-f', ...ids)
    workloads.close()
  })

  function track(runtimes: readonly ContainerRuntime[]): Promise<ContainerTracker> {
    events = []
    return startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { runtimes, onEvent: (body) => events.push(body), log: SILENT_LOGGER })
  }

  /** Events of a container with its cgroup, as the runtime reports it. */
  async function reportsOf(id: string): Promise<readonly ContainerEventBody[]> {
    const tracker = await track([new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker().socketPath }, SILENT_LOGGER)])
    const isReported = ({ containerId, facts, cgroupPath }: ContainerEventBody): boolean =>
      containerId === id && facts !== null && cgroupPath !== null
    await waitFor('the report of the container', () => events.some(isReported)).finally(() => tracker.stop('test'))
    return events.filter(({ containerId }) => containerId === id)
  }

  async function learn(reports: readonly ContainerEventBody[], { origin }: ProcessEvent): Promise<void> {
    const batch = bench.batchOf(
      'container',
      reports.map((body) => ({ ...body, origin })),
    )
    await bench.handle(membershipFunction(bench.codec), batch)
  }

  async function look(event: ProcessEvent): Promise<readonly ContainerKnowledge[]> {
    bench.clock.advance(60_000)
    const lookup = new ContainerLookup(bench.membership)
    lookup.ask(event)
    await lookup.load()
    return [lookup.knowledgeOf(event), lookup.decided(event)]
  }

  it('is unknown, then of the claimed outer container, then of the confirmed one, and never of the host', async () => {
    for (const name of ['nested-victim', 'nested-outer']) ids.push(await docker().runDetached(['--name', name], ['sleep', '1000']))
    const [victim = '', outer = ''] = ids
    const ofVictim = await reportsOf(victim)
    const ofOuter = await reportsOf(outer)
    // What a runtime that delegates its cgroups gives the container's user.
    const own = join(cgroup2MountPoint(), 'docker', outer)
    for (const path of [own, join(own, 'cgroup.procs')]) chownSync(path, NOBODY, NOBODY)

    const index = await track([])
    const running = await runLiveCollector({}, { containers: { index, onEvent: () => () => undefined, count: () => 0 } })
    try {
      workloads.run('attacks/named-cgroup', [own, victim, '/bin/true'])
      const event = await waitFor('the exec', () =>
        running.reader.process.find(({ type, process: { args } }) => type === 'exec' && args[0] === 'named-program'),
      )
      const { containerId, containerClaim, cgroupPath } = event.process
      assert.deepEqual([containerId, containerClaim, cgroupPath], [null, victim, `/docker/${outer}/docker/${victim}`])
      await learn(ofVictim, event)
      assert.deepEqual(await look(event), [
        { state: 'unknown', containerId: null },
        { state: 'absent', containerId: outer, isClaimed: true },
      ])
      await learn(ofOuter, event)
      for (const knowledge of await look(event)) {
        assert.deepEqual([knowledge.state, 'containerId' in knowledge && knowledge.containerId], ['known', outer])
      }
    } finally {
      await running.stop()
      await index.stop('test')
    }
  })
})
