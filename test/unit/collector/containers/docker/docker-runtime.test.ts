// The Docker client against a scripted socket: what a real daemon answers seldom or never.
import assert from 'node:assert/strict'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../../collector/containers/docker/docker-runtime.js'
import type { RuntimeEvent, RuntimeEvents } from '../../../../../collector/containers/runtime.js'
import { RuntimeUnreachableError } from '../../../../../collector/containers/runtime-errors.js'
import type { Logger } from '../../../../../infra/process/logger.js'
import { collectGarbage } from '../../../../support/collect-garbage.js'
import { ScriptedHttpRuntime } from '../../../../support/services/scripted-http-runtime.js'
import { waitFor } from '../../../../support/wait-for.js'

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
    const bounds = { timeoutMs: 200, maxAnswerBytes: 4096, maxLineBytes: 1024, minBackoffMs: 1, maxBackoffMs: 10 }
    runtime = new DockerRuntime({ ...DOCKER_DEFAULTS, ...bounds, socketPath: server.socketPath }, log)
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
      assert.equal(error.code, 'EUNOMIA_RUNTIME_UNREACHABLE')
      assert.equal(error.isRetryable, true)
      assert.match(error.message, why)
      return true
    })
  }

  it('joins the container with the digest of its image, and asks for an image once', async () => {
    server.answer(`/containers/${ID}/json`, { Id: ID, Name: '/a', Image: IMAGE_ID, Config: { Image: 'nginx:1' } })
    server.answer(`/images/${IMAGE_ID}/json`, { RepoDigests: [`nginx@${DIGEST}`] })
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, DIGEST)
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, DIGEST)
    assert.equal(server.asked.filter((path) => path.startsWith('/images')).length, 1)
  })

  it('gives facts without a digest when the image can not be asked for', async () => {
    server.answer(`/containers/${ID}/json`, { Id: ID, Name: '/a', Image: IMAGE_ID, Config: { Image: 'nginx:1' } })
    assert.equal((await runtime.facts(ID, NEVER))?.facts.imageDigest, null)
    assert.equal(runtime.counters.imagesFailed, 0) // Docker answered that it knows no such image
  })

  it('counts images that Docker fails to tell of', async () => {
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

  it('knows no container that Docker does not know, and asks for whole ids only', async () => {
    assert.equal(await runtime.facts(ID, NEVER), null)
    for (const id of [ID.slice(0, 12), ID.toUpperCase(), 'web', '../images']) assert.equal(await runtime.facts(id, NEVER), null)
    assert.deepEqual(server.asked, [`/containers/${ID}/json`])
  })

  it('lists whole ids and passes over the rest', async () => {
    server.answer('/containers/json', [{ Id: ID }, { Id: 7 }, null, { Id: 'web' }, 'x'])
    assert.deepEqual(await runtime.list(NEVER), [ID])
    server.answer('/containers/json', { Id: ID })
    assert.deepEqual(await runtime.list(NEVER), [])
  })

  it('names the socket when there is no answer, another status, too much, or no JSON', async () => {
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
    const unanswered = runtime.list(NEVER)
    await waitFor('the question', () => server.asked.includes('/containers/json'))
    collectGarbage() // may not take the timer
    await isUnreachable(unanswered, /runtime\.sock: no answer within \d+ ms/)
    await server.stop()
    await isUnreachable(runtime.list(NEVER), /runtime\.sock/)
  })

  it('tells events, however the lines are cut, and counts what is none', async () => {
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

  it('picks up a daemon that comes later and one that restarts, and reports an outage once', async () => {
    await server.stop()
    const events = follow()
    await waitFor('several attempts', () => runtime.counters.disconnects >= 3)
    assert.equal(warnings.length, 0) // no socket: it may be of a runtime that is not here
    await server.start()
    await waitFor('the connection', () => events.some((event) => event.type === 'connected'))
    await server.stop()
    await waitFor('more attempts', () => runtime.counters.disconnects >= 8)
    assert.equal(warnings.length, 1)
    await server.start()
    await waitFor('the second connection', () => events.filter((event) => event.type === 'connected').length === 2)
    assert.equal(events.at(-2)?.type, 'disconnected')
  })

  it('ends the stream while it is open, and while it waits', async () => {
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
