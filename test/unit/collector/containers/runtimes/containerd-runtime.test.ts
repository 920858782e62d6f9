// The containerd client against a scripted gRPC server: namespaces, facts, events, ids in two namespaces, hostile answers.
import assert from 'node:assert/strict'
import {
  CONTAINERD_DEFAULTS,
  ContainerdRuntime,
  type ContainerdConfig,
} from '../../../../../collector/containers/runtimes/containerd-runtime.js'
import { type RuntimeEvent, type RuntimeEvents, RuntimeUnreachableError } from '../../../../../collector/containers/runtime.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedGrpcRuntime } from '../../../../support/services/scripted-grpc-runtime.js'
import { waitFor } from '../../../../support/wait-for.js'

const ID = '2d'.repeat(32)
const DIGEST = `sha256:${'cd'.repeat(32)}`
const NEVER = new AbortController().signal
const PROTOS = ['containers', 'tasks', 'namespaces', 'images', 'events', 'version'].map((name) => `${name}.proto`)

/** A message with texts (field number, text) and numbers (field number, number), in the protobuf wire format. */
function payload(fields: readonly (readonly [number, string | number])[]): Buffer {
  const parts = fields.map(([number, value]) => {
    if (typeof value === 'string') return Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), Buffer.from(value)])
    return Buffer.from(value < 128 ? [number << 3, value] : [number << 3, (value & 127) | 128, value >> 7])
  })
  return Buffer.concat(parts)
}

describe('ContainerdRuntime', () => {
  let server: ScriptedGrpcRuntime
  let runtime: ContainerdRuntime
  let stream: RuntimeEvents | null = null

  function make(changes: Partial<ContainerdConfig> = {}): ContainerdRuntime {
    const bounds = { timeoutMs: 20_000, maxAnswerBytes: 65_536, minBackoffMs: 1, maxBackoffMs: 10 }
    return new ContainerdRuntime({ ...CONTAINERD_DEFAULTS, ...bounds, socketPath: server.socketPath, ...changes }, SILENT_LOGGER)
  }

  beforeEach(async () => {
    server = new ScriptedGrpcRuntime(PROTOS)
    server.answer('Version', { version: '1.7.24' })
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

  /** Two services have a method `List`, and three a `Get`: the request identifies the service. */
  function serve(namespaces: readonly string[], containers: Readonly<Record<string, object>>, status = 'RUNNING'): void {
    server.answer('List', (_, namespace) =>
      namespace === ''
        ? { namespaces: namespaces.map((name) => ({ name })) }
        : {
            tasks: Object.keys(containers)
              .filter((key) => key.startsWith(`${namespace}/`))
              .map((key) => ({ id: key.split('/')[1], status })),
          },
    )
    server.answer('Get', (request, namespace) => {
      if (typeof request['name'] === 'string') return { image: { name: request['name'], target: { digest: DIGEST } } }
      if (typeof request['container_id'] === 'string')
        return { process: { id: request['container_id'], pid: 4711, status, exit_status: 5 } }
      const container = containers[`${namespace}/${String(request['id'])}`]
      return container === undefined ? null : { container: { id: request['id'], ...container } }
    })
  }

  const spec = (cgroupsPath: string): object => ({ value: Buffer.from(JSON.stringify({ linux: { cgroupsPath, maskedPaths: ['/x'] } })) })

  it('reads facts of a nerdctl container', async () => {
    const labels = { 'nerdctl/name': 'shop', 'nerdctl/namespace': 'default', team: 'blue' }
    const created_at = { seconds: '1700000000', nanos: 123_456_789 }
    serve(['default'], { [`default/${ID}`]: { labels, image: 'docker.io/library/nginx:1.25', spec: spec(`/default/${ID}`), created_at } })
    assert.deepEqual(await runtime.facts(ID, NEVER), {
      containerId: ID,
      runtimeName: 'nerdctl',
      facts: {
        name: 'shop',
        image: 'docker.io/library/nginx:1.25',
        imageRepository: 'docker.io/library/nginx',
        imageTag: '1.25',
        imageId: null,
        imageDigest: DIGEST,
        labels,
        isPrivileged: false,
        mounts: [],
        createdAtUs: 1_700_000_000_123_456,
        pod: null,
      },
      cgroupPaths: [`/default/${ID}`],
      initPid: 4711,
      exitCode: null,
      isOomKilled: false,
    })
  })

  it('lists running containers of every namespace except those of Docker and Kubernetes', async () => {
    serve(['default', 'moby', 'k8s.io', 'ci', '../x'], { 'default/a': {}, 'moby/b': {}, 'k8s.io/c': {}, 'ci/d': {} })
    assert.deepEqual(await runtime.list(NEVER), ['a', 'd'])
    serve(['default'], { 'default/a': {} }, 'STOPPED')
    assert.deepEqual(await runtime.list(NEVER), [])
    assert.equal((await runtime.facts('a', NEVER))?.exitCode, 5)
  })

  it('knows one of two containers with the same id, and counts the other', async () => {
    serve(['one', 'two'], { 'one/web': { image: 'a:1' }, 'two/web': { image: 'b:1' } })
    assert.deepEqual(await runtime.list(NEVER), ['web'])
    assert.equal((await runtime.facts('web', NEVER))?.facts.image, 'a:1')
    assert.equal(runtime.counters.idsDoubled, 1)
  })

  it('counts what a list leaves out, and drops cached namespaces at its bound', async () => {
    serve(['n'], { 'n/a': {}, 'n/b': {}, 'n/c': {} })
    const bounded = make({ maxListed: 1, maxPlaces: 1 })
    assert.deepEqual(await bounded.list(NEVER), ['a'])
    assert.equal(bounded.counters.listCut, 2)
    assert.notEqual(await bounded.facts('b', NEVER), null)
    assert.notEqual(await bounded.facts('a', NEVER), null)
    bounded.close()
  })

  it('does not query ids in an invalid form, and returns null for unknown ones', async () => {
    serve(['default'], {})
    for (const id of ['', '../x', 'a/b', 'x'.repeat(77), '-a', 'ä']) assert.equal(await runtime.facts(id, NEVER), null)
    assert.deepEqual(server.asked, [])
    assert.equal(await runtime.facts('web', NEVER), null)
  })

  it('reads facts from a hostile specification, and counts one that can not be read', async () => {
    for (const value of ['no json', '[]', '{"linux":{"cgroupsPath":"/../x"},"mounts":7,"process":[]}']) {
      serve(['default'], { 'default/web': { image: 'a:1', spec: { value: Buffer.from(value) } } })
      assert.deepEqual((await runtime.facts('web', NEVER))?.cgroupPaths, [])
    }
    assert.equal(runtime.counters.factsCut, 2)
  })

  it('reports the events of a container; the end of an exec session is not its end', async () => {
    const events = follow()
    const response = await waitFor('the stream', () => server.streams[0])
    await waitFor('the opening', () => events.length === 1)
    const send = (topic: string, value: Buffer, namespace = 'default'): void =>
      void response.write({ namespace, topic, event: { type_url: 'x', value } })
    send('/containers/create', payload([[1, 'web']]))
    send(
      '/tasks/start',
      payload([
        [1, 'web'],
        [2, 99],
      ]),
    )
    send(
      '/tasks/exit',
      payload([
        [1, 'web'],
        [2, 'exec-1'],
        [3, 100],
        [4, 1],
      ]),
    )
    send('/tasks/oom', payload([[1, 'web']]))
    send(
      '/tasks/exit',
      payload([
        [1, 'web'],
        [2, 'web'],
        [3, 99],
        [4, 137],
      ]),
    )
    send('/containers/delete', payload([[1, 'web']]))
    send('/tasks/start', payload([[1, 'pod']]), 'k8s.io')
    send('/tasks/start', payload([[1, '../x']]))
    send('/tasks/start', Buffer.from([0xff, 0xff, 0xff]))
    send('/tasks/start', payload([[1, 'y']]), '')
    send('/snapshot/prepare', payload([[1, 'z']]))
    await waitFor('the bad ones', () => runtime.counters.badEvents === 3)
    const cgroupPaths = ['/default/web']
    assert.deepEqual(events, [
      { type: 'connected' },
      { type: 'created', containerId: 'web', cgroupPaths },
      { type: 'started', containerId: 'web', cgroupPaths },
      { type: 'oom', containerId: 'web' },
      { type: 'stopped', containerId: 'web', exitCode: 137 },
      { type: 'removed', containerId: 'web' },
    ])
  })

  it('names containerd when an answer is too long or missing', async () => {
    serve(['default'], { 'default/web': { image: 'x'.repeat(100_000) } })
    await assert.rejects(
      runtime.facts('web', NEVER),
      (error) => error instanceof RuntimeUnreachableError && /^containerd does not/.test(error.message),
    )
    server.answer('List', 'hang')
    runtime.close()
    runtime = make({ timeoutMs: 200 })
    await assert.rejects(runtime.list(NEVER), /no answer within \d+ ms/)
  })

  it('finds a socket created later, and a restarted containerd', async () => {
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
