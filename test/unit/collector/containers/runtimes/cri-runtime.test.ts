// The CRI client against a scripted gRPC server: answers in the forms of containerd 1.7 and CRI-O, events, polls, hostile answers.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { CRI_DEFAULTS, CriRuntime, type CriConfig } from '../../../../../collector/containers/runtimes/cri-runtime.js'
import { type RuntimeEvent, type RuntimeEvents, isAbsence, RuntimeUnreachableError } from '../../../../../collector/containers/runtime.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedGrpcRuntime } from '../../../../support/services/scripted-grpc-runtime.js'
import { waitFor } from '../../../../support/wait-for.js'

const ID = 'c1'.repeat(32)
const OTHER = 'c2'.repeat(32)
const SANDBOX = '5b'.repeat(32)
const HEX = 'ab'.repeat(32)
const DIGEST = `sha256:${'cd'.repeat(32)}`
const NEVER = new AbortController().signal
const RESOURCE_EXHAUSTED = 8
const UNIMPLEMENTED = 12

const LABELS = {
  'io.kubernetes.pod.name': 'web-7d9',
  'io.kubernetes.pod.namespace': 'shop',
  'io.kubernetes.pod.uid': '0a1b-2c3d',
  'io.kubernetes.container.name': 'web',
}
const SPEC = { linux: { cgroupsPath: `kubepods-burstable-pod0a1b.slice:cri-containerd:${ID}`, maskedPaths: ['/proc/kcore'] } }

function statusOf(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: ID,
    metadata: { name: 'web', attempt: 2 },
    state: 'CONTAINER_RUNNING',
    created_at: '1700000000123456789',
    image: { image: 'registry.example.com/shop/web:1.2' },
    image_ref: `registry.example.com/shop/web@${DIGEST}`,
    image_id: `sha256:${HEX}`,
    labels: LABELS,
    mounts: [{ container_path: '/data', host_path: '/srv', readonly: true, propagation: 'PROPAGATION_HOST_TO_CONTAINER' }],
    ...changes,
  }
}

function containerd(info: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return { info: JSON.stringify({ sandboxID: SANDBOX, pid: 4711, runtimeSpec: SPEC, config: {}, ...info }) }
}

describe('CriRuntime', () => {
  let server: ScriptedGrpcRuntime
  let runtime: CriRuntime
  let stream: RuntimeEvents | null = null

  function make(changes: Partial<CriConfig> = {}): CriRuntime {
    const bounds = { timeoutMs: 20_000, maxAnswerBytes: 65_536, minBackoffMs: 1, maxBackoffMs: 10, pollMs: 5, pollWithEventsMs: 5 }
    return new CriRuntime({ ...CRI_DEFAULTS, ...bounds, name: 'containerd', socketPath: server.socketPath, ...changes }, SILENT_LOGGER)
  }

  beforeEach(async () => {
    server = new ScriptedGrpcRuntime(['cri.proto'])
    server.answer('Version', { runtime_name: 'containerd', runtime_version: '1.7.24' })
    server.answer('ListContainers', { containers: [] })
    server.answer('ListPodSandbox', { items: [] })
    server.answer('ContainerStatus', null)
    server.answer('PodSandboxStatus', null)
    server.answer('GetContainerEvents', {})
    await server.start()
    runtime = make()
  })

  afterEach(async () => {
    await stream?.stop()
    stream = null
    runtime.close()
    await server.remove()
  })

  function follow(): RuntimeEvent[] {
    const events: RuntimeEvent[] = []
    stream = runtime.events((event) => events.push(event))
    return events
  }

  async function isUnreachable(promise: Promise<unknown>, why: RegExp): Promise<void> {
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof RuntimeUnreachableError)
      assert.match(error.message, why)
      return true
    })
  }

  it('reads facts of a containerd container, with the pod from its labels', async () => {
    server.answer('ContainerStatus', { status: statusOf(), info: containerd() })
    const found = await runtime.facts(ID, NEVER)
    assert.deepEqual(found?.facts, {
      name: 'web',
      image: 'registry.example.com/shop/web:1.2',
      imageRepository: 'registry.example.com/shop/web',
      imageTag: '1.2',
      imageId: `sha256:${HEX}`,
      imageDigest: DIGEST,
      labels: LABELS,
      isPrivileged: false,
      mounts: [{ source: '/srv', destination: '/data', type: 'bind', isWritable: false, propagation: 'rslave' }],
      createdAtUs: 1_700_000_000_123_456,
      pod: { name: 'web-7d9', namespace: 'shop', uid: '0a1b-2c3d', containerName: 'web' },
    })
    assert.deepEqual(found.cgroupPaths, [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b.slice/cri-containerd-${ID}.scope`,
    ])
    assert.equal(found.initPid, 4711)
    assert.equal(found.exitCode, null)
  })

  it('recognizes privileged containers of containerd and CRI-O', async () => {
    const both = [{ config: { linux: { security_context: { privileged: true } } } }, { privileged: true }]
    for (const info of both) {
      server.answer('ContainerStatus', { status: statusOf(), info: containerd(info) })
      assert.equal((await runtime.facts(ID, NEVER))?.facts.isPrivileged, true)
    }
  })

  it('reads the pod from the sandbox when the labels do not contain it', async () => {
    server.answer('ContainerStatus', { status: statusOf({ labels: {} }), info: containerd() })
    server.answer('PodSandboxStatus', { status: { id: SANDBOX, metadata: { name: 'p', namespace: 'n', uid: 'u' } } })
    assert.deepEqual((await runtime.facts(ID, NEVER))?.facts.pod, { name: 'p', namespace: 'n', uid: 'u', containerName: 'web' })
  })

  it('returns sandboxes as containers', async () => {
    const info = { pid: 12, image: 'registry.k8s.io/pause:3.9', runtimeSpec: { linux: { cgroupsPath: `/kubepods/pod0a1b/${SANDBOX}` } } }
    server.answer('PodSandboxStatus', {
      status: {
        id: SANDBOX,
        state: 'SANDBOX_READY',
        metadata: { name: 'web-7d9', namespace: 'shop', uid: 'u' },
        created_at: '1700000000000000000',
      },
      info: { info: JSON.stringify(info) },
    })
    const found = await runtime.facts(SANDBOX, NEVER)
    assert.equal(found?.facts.name, 'web-7d9')
    assert.equal(found.facts.imageTag, '3.9')
    assert.deepEqual(found.facts.pod, { name: 'web-7d9', namespace: 'shop', uid: 'u', containerName: null })
    assert.deepEqual(found.cgroupPaths, [`/kubepods/pod0a1b/${SANDBOX}`])
    assert.equal(found.initPid, 12)
  })

  it('returns how a container ended', async () => {
    server.answer('ContainerStatus', { status: statusOf({ state: 'CONTAINER_EXITED', exit_code: 137, reason: 'OOMKilled' }), info: {} })
    const found = await runtime.facts(ID, NEVER)
    assert.deepEqual([found?.initPid, found?.exitCode, found?.isOomKilled, found?.cgroupPaths], [null, 137, true, []])
  })

  it('returns null for incomplete ids, and for an answer about another container', async () => {
    for (const id of [ID.slice(0, 12), ID.toUpperCase(), 'web', `${ID}0`]) assert.equal(await runtime.facts(id, NEVER), null)
    assert.deepEqual(server.asked, [])
    server.answer('ContainerStatus', { status: statusOf({ id: OTHER }), info: containerd() })
    assert.equal(await runtime.facts(ID, NEVER), null)
  })

  it('reads facts from hostile information: invalid JSON, lists for objects, prototype keys, paths that climb', async () => {
    const hostile = ['no json', '[]', '{"pid":-1,"runtimeSpec":{"linux":{"cgroupsPath":"/../../x"}}}', '{"__proto__":{"privileged":true}}']
    for (const info of hostile) {
      server.answer('ContainerStatus', { status: statusOf({ labels: { ...LABELS, ['__proto__']: 'x' } }), info: { info } })
      const found = await runtime.facts(ID, NEVER)
      assert.equal(found?.facts.pod?.name, 'web-7d9')
      assert.deepEqual([found.initPid, found.cgroupPaths, found.facts.isPrivileged], [null, [], false])
    }
  })

  it('counts facts that were cut at their bounds', async () => {
    const labels = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`l${String(index)}`, 'x']))
    server.answer('ContainerStatus', { status: statusOf({ labels }), info: containerd() })
    assert.equal(Object.keys((await runtime.facts(ID, NEVER))?.facts.labels ?? {}).length, 256)
    assert.equal(runtime.counters.factsCut, 1)
  })

  it('names the socket when an answer is too long, an error, late or not gRPC', async () => {
    server.answer('ContainerStatus', { status: statusOf({ reason: 'x'.repeat(100_000) }) })
    await isUnreachable(runtime.facts(ID, NEVER), /larger than max|RESOURCE_EXHAUSTED/i)
    server.answer('ContainerStatus', RESOURCE_EXHAUSTED)
    await isUnreachable(runtime.facts(ID, NEVER), /runtime\.sock: .*scripted/)
    server.answer('ContainerStatus', 'hang')
    runtime.close()
    runtime = make({ timeoutMs: 200 })
    await isUnreachable(runtime.facts(ID, NEVER), /no answer within \d+ ms/)
    await server.stop()
    const absent = await runtime.list(NEVER).catch((error: unknown) => error)
    assert.equal(isAbsence(absent), true)
    writeFileSync(server.socketPath, '')
    await isUnreachable(runtime.list(NEVER), /runtime\.sock/)
  })

  it('rejects a server that speaks another protocol', async () => {
    await server.stop()
    const babbling = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('HTTP/1.1 200 OK\r\n\r\nhello', () => socket.destroy())
    })
    await new Promise<void>((resolve) => babbling.listen(server.socketPath, resolve))
    const other = make()
    await isUnreachable(other.list(NEVER), /runtime\.sock/)
    other.close()
    await new Promise((resolve) => babbling.close(resolve))
  })

  it('is absent when the server has no CRI', async () => {
    for (const method of ['Version', 'ListContainers', 'ListPodSandbox']) server.answer(method, UNIMPLEMENTED)
    const error: unknown = await runtime.list(NEVER).catch((caught: unknown) => caught)
    assert.equal(isAbsence(error), true)
  })

  it('lists running containers and sandboxes, and counts those left out', async () => {
    const containers = [{ id: ID, state: 'CONTAINER_RUNNING' }, { id: OTHER, state: 'CONTAINER_EXITED' }, { id: 'web' }]
    server.answer('ListContainers', { containers })
    server.answer('ListPodSandbox', { items: [{ id: SANDBOX, state: 'SANDBOX_READY' }] })
    assert.deepEqual(await runtime.list(NEVER), [ID, SANDBOX])
    const bounded = make({ maxListed: 1 })
    assert.deepEqual(await bounded.list(NEVER), [ID])
    assert.equal(bounded.counters.listCut, 3)
    bounded.close()
  })

  it('reports each change once with the exit of a container, although the lists show it too', async () => {
    const events = follow()
    const response = await waitFor('the stream', () => server.streams[0])
    await waitFor('the opening', () => events.length === 1)
    server.answer('ListContainers', { containers: [{ id: ID, state: 'CONTAINER_RUNNING' }] })
    response.write({ container_id: ID, container_event_type: 'CONTAINER_CREATED_EVENT' })
    response.write({ container_id: ID, container_event_type: 'CONTAINER_STARTED_EVENT' })
    const looks = server.asked.length
    await waitFor('looks at the lists', () => server.asked.length > looks + 10)
    server.answer('ListContainers', { containers: [{ id: ID, state: 'CONTAINER_EXITED' }] })
    const ended = statusOf({ state: 'CONTAINER_EXITED', exit_code: 137, reason: 'OOMKilled' })
    server.answer('ContainerStatus', { status: ended })
    response.write({ container_id: ID, container_event_type: 'CONTAINER_STOPPED_EVENT', containers_statuses: [ended] })
    await waitFor('the end', () => events.some(({ type }) => type === 'stopped'))
    server.answer('ListContainers', { containers: [] })
    response.write({ container_id: ID, container_event_type: 'CONTAINER_DELETED_EVENT' })
    response.write({ container_id: 'web', container_event_type: 'CONTAINER_STARTED_EVENT' })
    await waitFor('the bad event', () => runtime.counters.badEvents === 1)
    assert.deepEqual(
      events.filter(({ type }) => type !== 'created'), // not reported when a poll saw it run before
      [
        { type: 'connected' },
        { type: 'started', containerId: ID, cgroupPaths: [] },
        { type: 'oom', containerId: ID },
        { type: 'stopped', containerId: ID, exitCode: 137 },
        { type: 'removed', containerId: ID },
      ],
    )
  })

  it('finds starts, ends and removals in the lists of a runtime that sends no events', async () => {
    server.answer('GetContainerEvents', UNIMPLEMENTED)
    const events = follow()
    await waitFor('the opening', () => events.length === 1)
    server.answer('ListContainers', { containers: [{ id: ID, state: 'CONTAINER_RUNNING' }] })
    await waitFor('the start', () => events.some(({ type }) => type === 'started'))
    server.answer('ContainerStatus', { status: statusOf({ state: 'CONTAINER_EXITED', exit_code: 3, reason: 'Error' }) })
    server.answer('ListContainers', { containers: [{ id: ID, state: 'CONTAINER_EXITED' }] })
    await waitFor('the end', () => events.some(({ type }) => type === 'stopped'))
    server.answer('ListContainers', { containers: [] })
    await waitFor('the removal', () => events.some(({ type }) => type === 'removed'))
    assert.deepEqual(events, [
      { type: 'connected' },
      { type: 'started', containerId: ID, cgroupPaths: [] },
      { type: 'stopped', containerId: ID, exitCode: 3 },
      { type: 'removed', containerId: ID },
    ])
  })

  it('finds a socket created later, and a restarted runtime', async () => {
    await server.stop()
    const events = follow()
    await waitFor('attempts', () => runtime.counters.disconnects >= 3)
    await server.start()
    await waitFor('the connection', () => events.some(({ type }) => type === 'connected'))
    await server.stop()
    await waitFor('the outage', () => events.at(-1)?.type === 'disconnected')
    await server.start()
    await waitFor('the second connection', () => events.filter(({ type }) => type === 'connected').length === 2)
  })
})
