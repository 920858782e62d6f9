// The podman client against a scripted socket: answers in the form of podman 5.4, and answers that a real one rarely or never sends.
import assert from 'node:assert/strict'
import {
  PODMAN_DEFAULTS,
  PodmanRuntime,
  parsePodmanEvent,
  reportedCgroupPath,
} from '../../../../../collector/containers/runtimes/podman-runtime.js'
import { type RuntimeEvent, type RuntimeEvents, RuntimeUnreachableError } from '../../../../../collector/containers/runtime.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedHttpRuntime } from '../../../../support/services/scripted-http-runtime.js'
import { waitFor } from '../../../../support/wait-for.js'

const ID = '0a'.repeat(32)
const IMAGE = 'ab'.repeat(32)
const DIGEST = `sha256:${'cd'.repeat(32)}`
const NEVER = new AbortController().signal
const INSPECT = `/v4.0.0/libpod/containers/${ID}/json`

function answer(state: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    Id: ID,
    Created: '2026-03-01T10:11:12.5Z',
    State: {
      Running: true,
      Pid: 4711,
      ExitCode: 0,
      OOMKilled: false,
      StartedAt: '2026-03-01T10:11:13Z',
      CgroupPath: `/machine.slice/libpod-${ID}.scope/container`,
      ...state,
    },
    Image: IMAGE,
    ImageName: 'quay.io/shop/web:1.2',
    ImageDigest: DIGEST,
    Name: 'web',
    Config: { Labels: { team: 'blue' } },
    HostConfig: { Privileged: true },
    Mounts: [{ Type: 'bind', Source: '/srv', Destination: '/data', RW: false, Propagation: 'rprivate' }],
  }
}

describe('PodmanRuntime', () => {
  let server: ScriptedHttpRuntime
  let runtime: PodmanRuntime
  let stream: RuntimeEvents | null = null

  beforeEach(async () => {
    server = new ScriptedHttpRuntime()
    await server.start()
    const bounds = { timeoutMs: 20_000, maxAnswerBytes: 4096, maxLineBytes: 1024, minBackoffMs: 1, maxBackoffMs: 10, maxListed: 2 }
    runtime = new PodmanRuntime({ ...PODMAN_DEFAULTS, ...bounds, socketPath: server.socketPath }, SILENT_LOGGER)
  })

  afterEach(async () => {
    await stream?.stop()
    stream = null
    runtime.close()
    await server.remove()
  })

  function line(action: string, attributes: Readonly<Record<string, string>> = {}): string {
    return `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID, Attributes: attributes } })}\n`
  }

  it("reads facts, the container's own cgroup and the first process", async () => {
    server.answer(INSPECT, answer())
    assert.deepEqual(await runtime.facts(ID, NEVER), {
      containerId: ID,
      facts: {
        name: 'web',
        image: 'quay.io/shop/web:1.2',
        imageRepository: 'quay.io/shop/web',
        imageTag: '1.2',
        imageId: `sha256:${IMAGE}`,
        imageDigest: DIGEST,
        labels: { team: 'blue' },
        isPrivileged: true,
        mounts: [{ source: '/srv', destination: '/data', type: 'bind', isWritable: false, propagation: 'rprivate' }],
        createdAtUs: Date.UTC(2026, 2, 1, 10, 11, 12) * 1000 + 500_000,
        pod: null,
      },
      cgroupPaths: [`/machine.slice/libpod-${ID}.scope`],
      initPid: 4711,
      exitCode: null,
      isOomKilled: false,
    })
  })

  it("falls back to the default paths when the reported one is not the container's", async () => {
    server.answer(INSPECT, answer({ CgroupPath: '/docker/' + '9'.repeat(64) }))
    const paths = (await runtime.facts(ID, NEVER))?.cgroupPaths
    assert.deepEqual(paths, [`/libpod_parent/libpod-${ID}`, `/machine.slice/libpod-${ID}.scope`])
  })

  it('returns null for an answer about another container, and for an unknown one', async () => {
    assert.equal(await runtime.facts(ID, NEVER), null)
    server.answer(INSPECT, { ...answer(), Id: 'ff'.repeat(32) })
    assert.equal(await runtime.facts(ID, NEVER), null)
  })

  it('counts what a list leaves out at its bound', async () => {
    server.answer('/v4.0.0/libpod/containers/json', [{ Id: ID }, { Id: 'web' }, { Id: '7d'.repeat(32) }])
    assert.deepEqual(await runtime.list(NEVER), [ID])
    assert.equal(runtime.counters.listCut, 1)
  })

  it('names podman when an answer is too long or missing', async () => {
    server.answer(INSPECT, { Id: 'x'.repeat(5000) })
    await assert.rejects(runtime.facts(ID, NEVER), (error) => {
      assert.ok(error instanceof RuntimeUnreachableError)
      assert.match(error.message, /^podman does not answer at .*longer than 4096/)
      return true
    })
  })

  it('queries whether the OOM killer ended a killed container, and preserves the order', async () => {
    const events: RuntimeEvent[] = []
    server.answer(INSPECT, answer({ Running: false, Pid: 0, ExitCode: 137, OOMKilled: true }))
    stream = runtime.events((event) => events.push(event))
    const response = await waitFor('the stream', () => server.streams[0])
    response.write(`${line('died', { containerExitCode: '137' })}${line('remove')}no json\n`)
    await waitFor('the bad line', () => runtime.counters.badEventLines === 1)
    assert.deepEqual(events, [
      { type: 'connected' },
      { type: 'oom', containerId: ID },
      { type: 'stopped', containerId: ID, exitCode: 137 },
      { type: 'removed', containerId: ID },
    ])
  })

  it('reports the end of a killed container that was removed, and counts the unknown cause', async () => {
    const events: RuntimeEvent[] = []
    stream = runtime.events((event) => events.push(event))
    const response = await waitFor('the stream', () => server.streams[0])
    response.write(line('died', { containerExitCode: '137' }))
    await waitFor('the end', () => events.some(({ type }) => type === 'stopped'))
    assert.equal(runtime.counters.oomUnknown, 1)
  })

  it('finds a socket created later, and a restarted podman', async () => {
    await server.stop()
    const events: RuntimeEvent[] = []
    stream = runtime.events((event) => events.push(event))
    await waitFor('attempts', () => runtime.counters.disconnects >= 3)
    await server.start()
    await waitFor('the connection', () => events.some(({ type }) => type === 'connected'))
    await server.stop()
    await server.start()
    await waitFor('the second connection', () => events.filter(({ type }) => type === 'connected').length === 2)
  })
})

const OTHER = '15'.repeat(32)
const PATHS = [`/libpod_parent/libpod-${ID}`, `/machine.slice/libpod-${ID}.scope`]

function event(action: string, attributes: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return { status: action, id: ID, Type: 'container', Action: action, Actor: { ID, Attributes: attributes }, scope: 'local' }
}

describe('parsePodmanEvent', () => {
  it('parses creation, start, end and removal', () => {
    assert.deepEqual(parsePodmanEvent(event('create')), { type: 'created', containerId: ID, cgroupPaths: PATHS })
    assert.deepEqual(parsePodmanEvent(event('start')), { type: 'started', containerId: ID, cgroupPaths: PATHS })
    assert.deepEqual(parsePodmanEvent(event('died', { containerExitCode: '3' })), { type: 'stopped', containerId: ID, exitCode: 3 })
    assert.deepEqual(parsePodmanEvent(event('died')), { type: 'stopped', containerId: ID, exitCode: null })
    assert.deepEqual(parsePodmanEvent(event('remove')), { type: 'removed', containerId: ID })
  })

  it('skips other actions, other types and incomplete ids', () => {
    assert.equal(parsePodmanEvent(event('init')), null)
    assert.equal(parsePodmanEvent({ ...event('start'), Type: 'pod' }), null)
    for (const id of ['web', ID.toUpperCase(), `${ID}0`, 7, null])
      assert.equal(parsePodmanEvent({ ...event('start'), Actor: { ID: id } }), null)
    assert.equal(parsePodmanEvent({}), null)
  })
})

describe('reportedCgroupPath', () => {
  const own: readonly (readonly [string, string, string?])[] = [
    ['cgroupfs', `/libpod_parent/libpod-${ID}`],
    ['systemd', `/machine.slice/libpod-${ID}.scope`],
    ['systemd, below it', `/machine.slice/libpod-${ID}.scope/container`, `/machine.slice/libpod-${ID}.scope`],
    ['in a pod, systemd', `/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`],
    ['in a pod, cgroupfs', `/libpod_parent/${OTHER}/libpod-${ID}`],
    ['of a unit', `/system.slice/web.service/libpod-payload-${ID}`],
    ['without root', `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`],
  ]
  for (const [what, path, expected = path] of own) {
    it(`accepts the path of a container: ${what}`, () => {
      assert.equal(reportedCgroupPath(path, ID), expected)
    })
  }

  const none: readonly (readonly [string, string])[] = [
    ['that is empty', ''],
    ['of the root', '/'],
    ['of another container', `/machine.slice/libpod-${OTHER}.scope`],
    ['of Docker', `/docker/${ID}`],
    ['inside another container', `/docker/${OTHER}/libpod-${ID}`],
    ['that climbs', `/machine.slice/../machine.slice/libpod-${ID}.scope`],
    ['of the monitor', `/machine.slice/libpod-conmon-${ID}.scope`],
  ]
  for (const [what, path] of none) {
    it(`rejects a path ${what}`, () => {
      assert.equal(reportedCgroupPath(path, ID), null)
    })
  }
})
