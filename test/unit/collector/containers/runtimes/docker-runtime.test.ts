// The Docker client against a scripted socket: answers that a real daemon rarely or never sends.
import assert from 'node:assert/strict'
import { DOCKER_DEFAULTS, DockerRuntime, parseContainer } from '../../../../../collector/containers/runtimes/docker-runtime.js'
import { type RuntimeEvent, type RuntimeEvents, RuntimeUnreachableError } from '../../../../../collector/containers/runtime.js'
import type { Logger } from '../../../../../infra/process/logger.js'
import { collectGarbage } from '../../../../support/collect-garbage.js'
import { ScriptedHttpRuntime } from '../../../../support/services/scripted-http-runtime.js'
import { waitFor } from '../../../../support/wait-for.js'
import fc from 'fast-check'
import { createdAtUs, FACTS_BOUNDS } from '../../../../../collector/containers/facts/json-fields.js'

const ID = '9f'.repeat(32)
const IMAGE_ID = `sha256:${'ab'.repeat(32)}`
const DIGEST = `sha256:${'cd'.repeat(32)}`
const NEVER = new AbortController().signal

function eventLine(action: string, attributes: Readonly<Record<string, string>> = {}, id = ID): string {
  return `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: attributes }, timeNano: 1 })}\n`
}

describe('DockerRuntime', () => {
  let server: ScriptedHttpRuntime
  let runtime: DockerRuntime
  let stream: RuntimeEvents | null = null
  const warnings: string[] = []
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, message) => warnings.push(message),
    error: () => undefined,
  }

  beforeEach(async () => {
    warnings.length = 0
    server = new ScriptedHttpRuntime()
    await server.start()
    runtime = make(20_000)
  })

  function make(timeoutMs: number): DockerRuntime {
    const bounds = { timeoutMs, maxAnswerBytes: 4096, maxLineBytes: 1024, minBackoffMs: 1, maxBackoffMs: 10 }
    return new DockerRuntime({ ...DOCKER_DEFAULTS, ...bounds, socketPath: server.socketPath }, log)
  }

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
      assert.equal(error.code, 'EUNOMIA_RUNTIME_UNREACHABLE')
      assert.equal(error.isRetryable, true)
      assert.match(error.message, why)
      return true
    })
  }

  it('joins the container with the digest of its image, and queries an image once', async () => {
    server.answer(`/containers/${ID}/json`, { Id: ID, Name: '/a', Image: IMAGE_ID, Config: { Image: 'nginx:1' } })
    server.answer(`/images/${IMAGE_ID}/json`, { RepoDigests: [`nginx@${DIGEST}`] })
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, DIGEST)
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, DIGEST)
    assert.equal(server.asked.filter((path) => path.startsWith('/images')).length, 1)
  })

  it('returns facts without a digest when the image is not found', async () => {
    server.answer(`/containers/${ID}/json`, { Id: ID, Name: '/a', Image: IMAGE_ID, Config: { Image: 'nginx:1' } })
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, null)
    assert.equal(runtime.counters.imagesFailed, 0) // Docker answered that there is no such image
  })

  it('counts failed queries of images', async () => {
    server.answer(`/containers/${ID}/json`, { Id: ID, Name: '/a', Image: IMAGE_ID, Config: { Image: 'nginx:1' } })
    const before = server.script
    server.script = (request, response) => {
      if (request.url?.startsWith('/images') !== true) return before(request, response)
      response.writeHead(500)
      response.end('{"message":"broken"}')
      return true
    }
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, null)
    assert.equal(runtime.counters.imagesFailed, 1)
  })

  it('counts the containers that a list leaves out at its bound', async () => {
    server.answer('/containers/json', [{ Id: ID }, { Id: '8e'.repeat(32) }, { Id: '7d'.repeat(32) }])
    const bounded = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: server.socketPath, maxListed: 1 }, log)
    assert.deepEqual(await bounded.list(NEVER), [ID])
    assert.equal(bounded.counters.listCut, 2)
    bounded.close()
  })

  it('returns null for unknown containers, and queries full ids only', async () => {
    assert.equal(await runtime.facts(ID, NEVER), null)
    for (const id of [ID.slice(0, 12), ID.toUpperCase(), 'web', '../images']) assert.equal(await runtime.facts(id, NEVER), null)
    assert.deepEqual(server.asked, [`/containers/${ID}/json`])
  })

  it('lists full ids and skips the rest', async () => {
    server.answer('/containers/json', [{ Id: ID }, { Id: 7 }, null, { Id: 'web' }, 'x'])
    assert.deepEqual(await runtime.list(NEVER), [ID])
    server.answer('/containers/json', { Id: ID })
    assert.deepEqual(await runtime.list(NEVER), [])
  })

  it('names the socket on a timeout, another status, a long answer, or invalid JSON', async () => {
    const answers: [number, string, RegExp][] = [
      [500, '{}', /status 500/],
      [200, '{"Id":', /JSON/],
      [200, `{"Id":"${'x'.repeat(5000)}"}`, /longer than 4096/],
    ]
    for (const [status, body, why] of answers) {
      server.script = (_, response) => {
        response.writeHead(status)
        response.end(body)
        return true
      }
      await isUnreachable(runtime.facts(ID, NEVER), why)
    }
    server.script = () => true // takes the request and says nothing
    runtime.close()
    runtime = make(200)
    const unanswered = runtime.list(NEVER)
    await waitFor('the question', () => server.asked.includes('/containers/json'))
    collectGarbage() // must not collect the timer
    await isUnreachable(unanswered, /runtime\.sock: no answer within \d+ ms/)
    await server.stop()
    await isUnreachable(runtime.list(NEVER), /runtime\.sock/)
  })

  it('reports events however the lines are split, and counts invalid lines', async () => {
    const events = follow()
    const response = await waitFor('the stream', () => server.streams[0])
    const text = `${eventLine('create')}nonsense\n${'x'.repeat(3000)}\n${eventLine('exec_start: sh')}${eventLine('start', {}, 'web')}\n${eventLine('oom')}${eventLine('die', { exitCode: '137' })}${eventLine('die')}${eventLine('destroy')}`
    for (let at = 0; at < text.length; at += 700) response.write(text.slice(at, at + 700))
    await waitFor('the last event', () => events.some((event) => event.type === 'removed'))
    const cgroupPaths = [`/docker/${ID}`, `/system.slice/docker-${ID}.scope`]
    assert.deepEqual(events, [
      { type: 'connected' },
      { type: 'created', containerId: ID, cgroupPaths },
      { type: 'oom', containerId: ID },
      { type: 'stopped', containerId: ID, exitCode: 137 },
      { type: 'stopped', containerId: ID, exitCode: null },
      { type: 'removed', containerId: ID },
    ])
    assert.equal(runtime.counters.badEventLines, 2)
  })

  it('picks up a daemon that starts later or restarts, and reports an outage once', async () => {
    await server.stop()
    const events = follow()
    await waitFor('several attempts', () => runtime.counters.disconnects >= 3)
    assert.equal(warnings.length, 0) // no socket: the runtime may not be installed
    await server.start()
    await waitFor('the connection', () => events.some((event) => event.type === 'connected'))
    await server.stop()
    await waitFor('more attempts', () => runtime.counters.disconnects >= 8)
    assert.equal(warnings.length, 1)
    await server.start()
    await waitFor('the second connection', () => events.filter((event) => event.type === 'connected').length === 2)
    assert.equal(events.at(-2)?.type, 'disconnected')
  })

  it('ends the stream while it is open, and during backoff', async () => {
    const events = follow()
    await waitFor('the stream', () => server.streams[0])
    await stream?.stop()
    await server.stop()
    follow()
    await waitFor('an attempt', () => runtime.counters.disconnects >= 1)
    await stream?.stop()
    assert.deepEqual(events, [{ type: 'connected' }])
  })
})

const INSPECTED_ID = '7c'.repeat(32)
const never = (): never => assert.fail('nothing is to be cut')

function inspected(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    Id: INSPECTED_ID,
    Created: '2026-03-01T10:11:12.123456789Z',
    State: { Status: 'running', Running: true, Pid: 4711, ExitCode: 0, OOMKilled: false, StartedAt: '2026-03-01T10:11:13Z' },
    Image: IMAGE_ID,
    Name: '/web',
    HostConfig: { Privileged: false, CgroupParent: '' },
    Config: { Image: 'registry:5000/shop/web:v3', Labels: {} },
    Mounts: [],
    ...changes,
  }
}

describe('parseContainer', () => {
  it('returns the facts of an answer', () => {
    const labels = {
      'io.kubernetes.pod.name': 'web-0',
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.pod.uid': '0a1b',
      'io.kubernetes.container.name': 'web',
      team: 'blue',
    }
    const mounts = [
      { Type: 'bind', Source: '/srv', Destination: '/data', Mode: 'ro', RW: false, Propagation: 'rprivate' },
      {
        Type: 'volume',
        Name: 'pgdata',
        Source: '/var/lib/docker/volumes/pgdata/_data',
        Destination: '/var/lib/pg',
        RW: true,
        Propagation: '',
      },
      { Type: 'tmpfs', Source: '', Destination: '/run', RW: true, Propagation: '' },
    ]
    const container = parseContainer(
      inspected({
        Config: { Image: 'registry:5000/shop/web:v3', Labels: labels },
        HostConfig: { Privileged: true, CgroupParent: '/jobs' },
        Mounts: mounts,
      }),
      INSPECTED_ID,
      `sha256:${'cd'.repeat(32)}`,
      never,
    )
    assert.deepEqual(container, {
      containerId: INSPECTED_ID,
      facts: {
        name: 'web',
        image: 'registry:5000/shop/web:v3',
        imageRepository: 'registry:5000/shop/web',
        imageTag: 'v3',
        imageId: IMAGE_ID,
        imageDigest: `sha256:${'cd'.repeat(32)}`,
        labels,
        isPrivileged: true,
        mounts: [
          { source: '/srv', destination: '/data', type: 'bind', isWritable: false, propagation: 'rprivate' },
          { source: 'pgdata', destination: '/var/lib/pg', type: 'volume', isWritable: true, propagation: '' },
          { source: '', destination: '/run', type: 'tmpfs', isWritable: true, propagation: '' },
        ],
        createdAtUs: Date.UTC(2026, 2, 1, 10, 11, 12) * 1000 + 123_456,
        pod: { name: 'web-0', namespace: 'shop', uid: '0a1b', containerName: 'web' },
      },
      cgroupPaths: [`/jobs/${INSPECTED_ID}`],
      initPid: 4711,
      exitCode: null,
      isOomKilled: false,
    })
  })

  it('rejects an answer about another container: Docker also accepts names and shortened ids', () => {
    assert.equal(parseContainer(inspected({ Id: '8d'.repeat(32) }), INSPECTED_ID, null, never), null)
  })

  it('distinguishes an ended container from one that never ran', () => {
    const ended = { Status: 'exited', Running: false, Pid: 0, ExitCode: 137, OOMKilled: true, StartedAt: '2026-03-01T10:11:13Z' }
    const neverRan = { Status: 'created', Running: false, Pid: 0, ExitCode: 0, OOMKilled: false, StartedAt: '0001-01-01T00:00:00Z' }
    const parsed = [ended, neverRan].map((state) => parseContainer(inspected({ State: state }), INSPECTED_ID, null, never))
    assert.deepEqual(
      parsed.map((container) => [container?.initPid, container?.exitCode, container?.isOomKilled]),
      [
        [null, 137, true],
        [null, null, false],
      ],
    )
  })

  it('preserves control characters of names and labels', () => {
    const labels = { 'a\u001b[2J': 'b\n\u0000', ['__proto__']: 'own' }
    const container = parseContainer(
      inspected({ Name: '/we\nb\u001b]0;x\u0007', Config: { Image: 'x', Labels: JSON.parse(JSON.stringify(labels)) as unknown } }),
      INSPECTED_ID,
      null,
      never,
    )
    assert.equal(container?.facts.name, 'we\nb\u001b]0;x\u0007')
    assert.equal(container.facts.labels['a\u001b[2J'], 'b\n\u0000')
    assert.equal(Object.getPrototypeOf(container.facts.labels), Object.prototype)
  })

  it('preserves a label named __proto__', () => {
    const config = JSON.parse('{"Image":"x","Labels":{"__proto__":"own"}}') as unknown
    assert.deepEqual(Object.entries(parseContainer(inspected({ Config: config }), INSPECTED_ID, null, never)?.facts.labels ?? {}), [
      ['__proto__', 'own'],
    ])
  })

  it('bounds labels and mounts, reports the cut, and still finds the pod', () => {
    const labels: Record<string, string> = {}
    for (let index = 0; index < 5000; index++) labels[`label-${index}`] = 'x'.repeat(10_000)
    Object.assign(labels, { 'io.kubernetes.pod.name': 'p', 'io.kubernetes.pod.namespace': 'n' })
    let cuts = 0
    const mounts = Array.from({ length: FACTS_BOUNDS.mounts + 1 }, () => ({ Type: 'bind' }))
    const facts = parseContainer(
      inspected({ Config: { Image: 'x', Labels: labels }, Mounts: mounts }),
      INSPECTED_ID,
      null,
      () => cuts++,
    )?.facts
    assert.ok(facts !== undefined)
    const bounded = Object.entries(facts.labels)
    assert.ok(bounded.length > 0 && bounded.length <= FACTS_BOUNDS.labels)
    assert.ok(bounded.reduce((sum, [key, value]) => sum + key.length + value.length, 0) <= FACTS_BOUNDS.labelsLength)
    assert.equal(facts.mounts.length, FACTS_BOUNDS.mounts)
    assert.equal(cuts, 1)
    assert.deepEqual(facts.pod, { name: 'p', namespace: 'n', uid: null, containerName: null })
  })

  it('returns typed facts for any JSON', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constant(undefined))
    const answer = fc.record({ Created: field, State: field, Image: field, Name: field, HostConfig: field, Config: field, Mounts: field })
    fc.assert(
      fc.property(answer, (fields) => {
        const container = parseContainer({ ...fields, Id: INSPECTED_ID }, INSPECTED_ID, null, () => undefined)
        assert.ok(container !== null)
        assert.equal(typeof container.facts.name, 'string')
        assert.ok(Number.isSafeInteger(container.facts.createdAtUs))
        assert.ok(Object.values(container.facts.labels).every((value) => typeof value === 'string'))
        assert.ok(container.initPid === null || container.initPid > 0)
      }),
    )
  })
})

describe('createdAtUs', () => {
  it('preserves microseconds, accepts time zones, and returns 0 for anything else', () => {
    assert.equal(createdAtUs('1970-01-01T00:00:01.000002Z'), 1_000_002)
    assert.equal(createdAtUs('1970-01-01T02:00:01.5+02:00'), 1_500_000)
    for (const text of ['', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01']) assert.equal(createdAtUs(text), 0)
  })
})
