import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlPortOf } from '../../../../assembly/control-settings.js'
import { ControlRefusedError, ControlUnreachableError, askControl } from '../../../../collector/control/control-client.js'
import type { CollectorFigures } from '../../../../collector/collector-options.js'
import type { ControlTarget } from '../../../../collector/control/control-routes.js'
import { type ControlServer, startControlServer, ControlSocketError } from '../../../../collector/control/control-server.js'
import {
  ACTIVITY,
  FILTER_REPORT,
  HEALTH,
  LEDGER,
  READINESS,
  SELF,
  SWITCHED_TRACKER,
  TRACKER_LIST,
  type SelfReport,
} from '../../../../collector/control/control-answers.js'
import type { JsonShape, TSchema } from '../../../../infra/config/json-shape.js'
import type { EventActivity } from '../../../../collector/processes/event-counts.js'
import { KIND } from '../../../../native/generated/layout.js'
import { UsageTrackers } from '../../../../collector/usage/usage-trackers.js'
import { FilterSwitch } from '../../../../collector/watch/filter-switch.js'
import type { WatchChange } from '../../../../collector/watch/change-trail.js'
import { NO_EVENT_FILTERS } from '../../../../collector/watch/event-filters.js'
import { KindSwitch } from '../../../../collector/watch/kind-switch.js'
import { UsageError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { KernelFilters } from '../../../../native/kernel-control.js'
import { waitFor } from '../../../support/wait-for.js'

const NUMBERS = { published: 5, droppedRing: 1, droppedCollector: 0, droppedSpool: 0, suppressed: 2, spooled: 0, inFlight: 2 }
const OPENS = { topic: 'file', kind: 'open', cpu: 0, emitted: 10, isInherited: false, ...NUMBERS }
const LOSS = { fromUs: 1_000_000, untilUs: 2_000_000, topic: 'file', kind: 'open', cpu: 0, where: 'kernel', count: 1 } as const
const FIGURES: CollectorFigures = {
  accounts: [OPENS],
  losses: [LOSS],
  probes: [{ name: 'syscalls', isAttached: true, error: null }],
  processes: 3,
  containers: 2,
  counters: { 'suppressed.budget.call': 3, 'calls.unknown.native.600': 1, 'dns.namesEvicted': 2 },
}
const EVENTS: EventActivity = {
  bootId: 'b0071d',
  startedAtUs: 1_790_000_000_000_000,
  processes: [{ pid: 42, startUs: 5_000_000, events: { process: 1, file: 20, network: 0, kernel: 0 } }],
  total: { process: 3, file: 25, network: 0, kernel: 0 },
}
const TOKEN = 'a-token-of-the-test'

describe('control API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-control-'))
  const path = join(folder, 'control.sock')
  let server: ControlServer
  let figures: CollectorFigures | null = FIGURES
  let watched: ReadonlySet<number> | null = null
  let set: KernelFilters | null = null
  const changes: WatchChange[] = []
  const metrics = { text: (): Promise<string> => Promise.resolve('up 1\n'), contentType: 'text/plain' }
  const target = (kinds = new KindSwitch({ watchKinds: (asked) => (watched = asked) })): ControlTarget => ({
    figures: () => figures,
    activity: () => (figures === null ? null : EVENTS),
    kinds,
    filters: new FilterSwitch({ setFilters: (filters) => (set = filters) }, kinds, SILENT_LOGGER),
    trail: { record: (change) => void changes.push(change) },
    usage: null,
    metrics,
    version: '1.2.3',
  })

  const call = (method: string, url: string, body?: string | Buffer): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asking = httpRequest({ socketPath: path, method, path: url }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asking.once('error', reject)
      asking.end(body)
    })
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(path)
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      socket.once('error', reject).once('close', () => resolve(text))
      socket.write(bytes)
    })
  const errorOf = (text: string): string => (JSON.parse(text) as { error: string }).error

  beforeEach(async () => {
    figures = FIGURES
    watched = null
    set = null
    server = await startControlServer({ path }, target(), SILENT_LOGGER)
  })
  afterEach(() => server.stop('test ends'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('listens at a socket that only its owner opens, and removes it at its end', async () => {
    assert.equal(statSync(path).mode & 0o777, 0o600)
    await server.stop('now')
    assert.ok(!existsSync(path))
  })

  it('returns health, readiness, metrics and the ledger', async () => {
    assert.deepEqual(await askControl(path, 'GET', '/health'), { status: 'alive', version: '1.2.3' })
    assert.deepEqual(await askControl(path, 'GET', '/ready'), { isReady: true, probes: 1, probesAttached: 1, containers: 2 })
    assert.deepEqual(await call('GET', '/metrics?x=1'), { status: 200, text: 'up 1\n' })
    assert.deepEqual(await askControl(path, 'GET', '/ledger'), {
      accounts: [OPENS],
      losses: [LOSS],
      counters: { 'suppressed.budget.call': 3, 'calls.unknown.native.600': 1 },
    })
    assert.deepEqual(await askControl(path, 'GET', '/processes'), EVENTS)
    assert.deepEqual(await call('HEAD', '/health'), { status: 200, text: '' })
  })

  it('answers according to its schemas, which clients check', async () => {
    const shapes = { '/health': HEALTH, '/ready': READINESS, '/ledger': LEDGER, '/processes': ACTIVITY, '/self': SELF }
    const others = { '/trackers': TRACKER_LIST, '/filters': FILTER_REPORT }
    for (const [at, shape] of Object.entries<JsonShape<TSchema>>({ ...shapes, ...others }))
      assert.equal(shape.mismatchOf(await askControl(path, 'GET', at)), null)
    assert.equal(SWITCHED_TRACKER.mismatchOf(await askControl(path, 'POST', '/trackers/opens/stop')), null)
    figures = null
    assert.equal(READINESS.mismatchOf(JSON.parse((await call('GET', '/ready')).text)), null)
  })

  it('returns its process and the privileges of that', async () => {
    const { pid, threads, capabilities } = (await askControl(path, 'GET', '/self')) as SelfReport
    assert.equal(pid, process.pid)
    assert.ok(threads > 1)
    assert.ok(capabilities.every((name) => name.startsWith('CAP_')))
  })

  it('returns how far its clock is from that of the Kafka brokers, once that is known', async () => {
    const offset = async (): Promise<number | null> => ((await askControl(path, 'GET', '/self')) as SelfReport).clockOffsetMs
    assert.equal(await offset(), null)
    figures = { ...FIGURES, counters: { 'publisher.clockOffsetMs': -12 } }
    assert.equal(await offset(), -12)
  })

  it('is alive and not ready while the collector starts', async () => {
    figures = null
    assert.equal((await call('GET', '/health')).status, 200)
    assert.equal((await call('GET', '/ready')).status, 503)
    assert.equal((await call('GET', '/ledger')).status, 503)
    assert.equal((await call('GET', '/processes')).status, 503)
    assert.equal((await call('GET', '/trackers')).status, 200)
  })

  it('lists trackers with their kinds and counts, and switches them', async () => {
    const opens = async (): Promise<Record<string, unknown> | undefined> =>
      ((await askControl(path, 'GET', '/trackers')) as { trackers: Record<string, unknown>[] }).trackers.find(
        ({ name }) => name === 'opens',
      )
    const counts = { emitted: 10, suppressed: 2 }
    const facts = { description: 'files that are opened', name: 'opens', kinds: ['open'], alwaysEmitted: [], problem: null, ...counts }
    assert.deepEqual(await opens(), { ...facts, state: 'on', cause: 'plan' })
    await askControl(path, 'POST', '/trackers/opens/stop')
    assert.deepEqual(await opens(), { ...facts, state: 'off', cause: 'person' })
    assert.equal(new Set<number>(watched ?? []).has(KIND.open), false)
    await askControl(path, 'POST', '/trackers/opens/start')
    assert.deepEqual(await opens(), { ...facts, state: 'on', cause: 'person' })
  })

  it('records each change with its actor, and the states before and after, but neither questions nor what it refuses', async () => {
    changes.length = 0
    await askControl(path, 'GET', '/filters')
    await askControl(path, 'PUT', '/filters', { except: { uid: [7] } })
    await assert.rejects(askControl(path, 'PUT', '/filters', { except: { container: ['build'] } }))
    await askControl(path, 'DELETE', '/filters')
    await askControl(path, 'POST', '/trackers/opens/stop')
    const actor = `control socket, pid ${String(process.pid)}, uid ${String(process.getuid?.())}`
    const none = NO_EVENT_FILTERS
    const filtered = { ...none, except: { ...none.except, uid: [7] } }
    assert.deepEqual(changes, [
      { action: 'filters', target: '', actor, before: none, after: filtered },
      { action: 'filters', target: '', actor, before: filtered, after: none },
      {
        ...{ action: 'tracker_stop', target: 'opens', actor },
        before: { state: 'on', cause: 'plan' },
        after: { state: 'off', cause: 'person' },
      },
    ])
  })

  it('sets filters, returns them, and removes them', async () => {
    const none = { pid: [], uid: [], port: [], localPort: [], remotePort: [], anyPort: [], container: [] }
    const nothing = { only: none, except: none, outcome: 'all', cgroupsLeftOut: 0 }
    assert.deepEqual(await askControl(path, 'GET', '/filters'), nothing)
    const asked = { only: { uid: [0] }, except: { port: [9092, 443], anyPort: [22], container: ['docker/build'] }, outcome: 'failed' }
    const expected = {
      only: { ...none, uid: [0] },
      except: { ...none, port: [9092, 443], anyPort: [22], container: ['docker/build'] },
      outcome: 'failed',
      cgroupsLeftOut: 0,
    }
    assert.deepEqual(await askControl(path, 'PUT', '/filters', asked), expected)
    assert.deepEqual(await askControl(path, 'GET', '/filters'), expected)
    const kernel = set as KernelFilters | null
    assert.deepEqual(kernel?.numbers, [
      { filter: 'user', number: 0n, mode: 'only' },
      { filter: 'port', number: 9092n, mode: 'except' },
      { filter: 'port', number: 443n, mode: 'except' },
      { filter: 'anyPort', number: 22n, mode: 'except' },
    ])
    assert.deepEqual([kernel.only, kernel.succeeded, kernel.failed], [new Set(['user']), new Set(), null])
    assert.deepEqual(await askControl(path, 'DELETE', '/filters'), nothing)
    assert.deepEqual((set as KernelFilters | null)?.numbers, [])
  })

  for (const [what, body, said] of [
    ['no JSON', '{', /not JSON/],
    ['a field that there is not', '{"only":{"user":[1]}}', /"user"/],
    ['a port beyond the last', '{"except":{"port":[65536]}}', /0 to 65535/],
    ['an outcome that there is not', '{"outcome":"refused"}', /outcome must be one of all, succeeded, failed/],
    ['a container without a name', '{"only":{"container":[""]}}', /1 to 255/],
    ['more values than there is room for', JSON.stringify({ only: { pid: Array(4097).fill(1) } }), /4097 values/],
    ['far more values', JSON.stringify({ only: { pid: Array(100_000).fill(1) } }), /too many fields and items/],
    ['deep nesting', `{"only":{"pid":[${'['.repeat(20_000)}${']'.repeat(20_000)}]}}`, /nested too deeply/],
    ['many unknown fields', `{${Array.from({ length: 9 }, (_, index) => `"k${String(index)}":1`).join()}}`, /it has no field "k0"/],
  ] as const) {
    it(`refuses filters with ${what}, and keeps the previous ones`, async () => {
      await askControl(path, 'PUT', '/filters', { only: { pid: [7] } })
      const { status, text } = await call('PUT', '/filters', body)
      assert.equal(status, 400)
      assert.match(errorOf(text), said)
      assert.deepEqual(((await askControl(path, 'GET', '/filters')) as { only: { pid: number[] } }).only.pid, [7])
    })
  }

  it('takes as many whole container ids as there may be filters', async () => {
    const container = Array.from({ length: 4096 }, (_, index) => index.toString(16).padStart(64, '0'))
    const { status, text } = await call('PUT', '/filters', JSON.stringify({ only: { container } }))
    assert.equal(status, 200, text)
  })

  it('refuses settings of aggregates when none are read', async () => {
    for (const [method, body] of [['GET'], ['PUT', '{}']] as const) {
      const { status, text } = await call(method, '/usage', body)
      assert.equal(status, 409)
      assert.match(errorOf(text), /aggregates are not available here/)
    }
    await server.stop('other one')
    const deps = { trackers: [], open: () => assert.fail(), settings: { intervalMs: 10_000, pids: [], containers: [] } }
    const usage = new UsageTrackers({ ...deps, maxEntries: 64, top: 10, v1HierarchyId: null, log: SILENT_LOGGER })
    server = await startControlServer({ path }, { ...target(), usage }, SILENT_LOGGER)
    const changed = { intervalMs: 500, pids: [], containers: ['web'] }
    assert.deepEqual(await askControl(path, 'PUT', '/usage', { intervalMs: 500, containers: ['web'] }), changed)
    assert.deepEqual(await askControl(path, 'GET', '/usage'), changed)
    assert.equal((await call('PUT', '/usage', '{"pids":[0]}')).status, 400)
    assert.equal((await call('DELETE', '/usage')).status, 405)
  })

  it('does not stop what the process table needs', async () => {
    const { status, text } = await call('POST', '/trackers/containers/stop')
    assert.equal(status, 409)
    assert.match(errorOf(text), /containers can't be stopped/)
    await assert.rejects(askControl(path, 'POST', '/trackers/oom/stop'), (error) => error instanceof ControlRefusedError)
    assert.equal(watched, null)
  })

  for (const [method, url, status, error] of [
    ['GET', '/', 404, /nothing at this path/],
    ['GET', '/trackers/opens/stop', 405, /only POST/],
    ['DELETE', '/ledger', 405, /only GET/],
    ['POST', '/trackers/nothing/stop', 404, /unknown tracker; the trackers are processes, /],
    ['POST', '/trackers/__proto__/stop', 404, /unknown tracker/],
    [
      'POST',
      '/trackers/syscall-usage/start',
      409,
      /only `eunomia collect` on a live host does: name it there in collector\.usage\.trackers/,
    ],
    ['POST', '/trackers/../ledger', 404, /nothing at this path/],
    ['POST', '/trackers/%2e%2e%2fetc/stop', 404, /unknown tracker/],
    ['POST', '/trackers/opens/stop/now', 404, /nothing at this path/],
    ['GET', `/${'x'.repeat(2000)}`, 414, /at most 1024 bytes/],
  ] as const) {
    it(`answers ${method} ${url.slice(0, 40)} with ${String(status)} and a reason in JSON`, async () => {
      const answer = await call(method, url)
      assert.equal(answer.status, status)
      assert.match(errorOf(answer.text), error)
      assert.equal(watched, null)
    })
  }

  it('takes a body up to its bound and refuses a larger one, also one of unknown length', async () => {
    assert.equal((await call('POST', '/trackers/opens/start', 'x'.repeat(512 << 10))).status, 200)
    assert.equal((await call('POST', '/trackers/opens/stop', 'x'.repeat((512 << 10) + 1))).status, 413)
    const chunk = `80001\r\n${'x'.repeat((512 << 10) + 1)}\r\n`
    const answer = await raw(`POST /trackers/opens/stop HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`)
    assert.match(answer, /^HTTP\/1\.1 413 /)
  })

  it('answers a request that is not HTTP with 400 in JSON, and continues', async () => {
    const answer = await raw('\0\x01 nonsense\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(errorOf(answer.split('\r\n\r\n')[1] ?? ''), /malformed/)
    assert.match(await raw(`GET /health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 400 /)
    assert.equal((await call('GET', '/health')).status, 200)
  })

  it('does not reveal an internal error', async () => {
    await server.stop('other one')
    const broken = { ...target(), metrics: { ...metrics, text: () => Promise.reject(new Error('password')) } }
    server = await startControlServer({ path }, broken, SILENT_LOGGER)
    const { status, text } = await call('GET', '/metrics')
    assert.equal(status, 500)
    assert.doesNotMatch(text, /password/)
  })

  it('switches nothing in a recording', async () => {
    await server.stop('other one')
    server = await startControlServer({ path }, target(new KindSwitch({})), SILENT_LOGGER)
    assert.equal((await call('POST', '/trackers/opens/stop')).status, 409)
  })

  it('does not replace a socket in use, and replaces an abandoned one', async () => {
    await assert.rejects(startControlServer({ path }, target(), SILENT_LOGGER), (error) => error instanceof ControlSocketError)
    assert.equal((await call('GET', '/health')).status, 200)
    const left = join(folder, 'left.sock')
    const dying = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))'
    assert.equal(spawnSync(process.execPath, ['-e', dying, left]).signal, 'SIGKILL')
    assert.ok(existsSync(left))
    const taken = await startControlServer({ path: left }, target(), SILENT_LOGGER)
    assert.deepEqual(await askControl(left, 'GET', '/health'), { status: 'alive', version: '1.2.3' })
    await taken.stop('test ends')
  })

  it('refuses a path that the kernel would cut', async () => {
    await assert.rejects(startControlServer({ path: `/tmp/${'x'.repeat(110)}` }, target(), SILENT_LOGGER), /longer than 107 bytes/)
  })

  it('is reported as unreachable by a client when nobody listens', async () => {
    const nowhere = join(folder, 'nowhere.sock')
    await assert.rejects(
      askControl(nowhere, 'GET', '/health'),
      (error) => error instanceof ControlUnreachableError && /no collector is running/.test(error.message),
    )
  })

  describe('over TCP', () => {
    const certFile = join(folder, 'cert.pem')
    const keyFile = join(folder, 'key.pem')
    before(() => {
      const subject = ['-subj', '/CN=localhost', '-days', '1']
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile, ...subject], {
        stdio: 'ignore',
      })
    })
    const pemOf = (): { certificate: string; key: string; clientAuthority: string | null } => {
      return { certificate: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), clientAuthority: null }
    }
    const statusOf = (port: number, headers: Record<string, string>, more: RequestOptions = {}, path = '/health'): Promise<number> =>
      new Promise((resolve, reject) => {
        const asking = httpsRequest(
          { host: '127.0.0.1', port, path, headers, ca: readFileSync(certFile), servername: 'localhost', ...more },
          (response) => {
            response.resume()
            resolve(response.statusCode ?? 0)
          },
        )
        asking.once('error', reject).end()
      })

    it('answers a client with the token, over TLS', async () => {
      const pem = pemOf()
      const tcp = await startControlServer({ host: '127.0.0.1', port: 0, token: TOKEN, ...pem }, target(), SILENT_LOGGER)
      try {
        const port = tcp.port ?? assert.fail('no port')
        assert.equal(await statusOf(port, { authorization: `Bearer ${TOKEN}` }), 200)
        assert.equal(await statusOf(port, {}), 401)
        assert.equal(await statusOf(port, { authorization: `Bearer ${TOKEN}x` }), 401)
        assert.equal(await statusOf(port, { authorization: TOKEN }), 401)
      } finally {
        await tcp.stop('test ends')
      }
    })

    it('answers although connections that do nothing, before TLS and after it, take all places', async () => {
      const pem = pemOf()
      const tcp = await startControlServer({ host: '127.0.0.1', port: 0, token: TOKEN, ...pem }, target(), SILENT_LOGGER)
      const idle: Socket[] = []
      try {
        const port = tcp.port ?? assert.fail('no port')
        for (let i = 0; i < 24; i++) {
          // Of 12 addresses, so that the bound of all is reached, not only that of one.
          const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${String(1 + (i % 12))}` })
          idle.push(i % 2 === 0 ? socket : connectTls({ socket, ca: pem.certificate, servername: 'localhost' }))
          await once(socket, 'connect')
          idle.at(-1)?.on('error', () => undefined)
        }
        // The newest keep their places for a second, in which others are refused.
        const status = (): Promise<number | null> => statusOf(port, { authorization: `Bearer ${TOKEN}` }).catch(() => null)
        assert.equal(await waitFor('an answer', status), 200)
        assert.ok(tcp.connections.evicted > 0)
      } finally {
        for (const socket of idle) socket.destroy()
        await tcp.stop('test ends')
      }
    })

    it('asks for a certificate of its authority where one is set, and records its subject with the change', async () => {
      const { certificate, key } = pemOf()
      const config = { host: '127.0.0.1', port: 0, token: TOKEN, certificate, key, clientAuthority: certificate }
      const tcp = await startControlServer(config, target(), SILENT_LOGGER)
      try {
        const port = tcp.port ?? assert.fail('no port')
        const headers = { authorization: `Bearer ${TOKEN}` }
        await assert.rejects(statusOf(port, headers))
        changes.length = 0
        const change = { method: 'DELETE', cert: certificate, key }
        assert.equal(await statusOf(port, headers, change, '/filters'), 200)
        assert.deepEqual(
          changes.map(({ actor }) => actor),
          ['token from 127.0.0.1, certificate CN=localhost'],
        )
      } finally {
        await tcp.stop('test ends')
      }
    })

    it('is refused without a token, without TLS, and with a short token', () => {
      const none = {
        enabled: true,
        socket: null,
        port: 0,
        host: '127.0.0.1',
        tokenFile: null,
        certFile: null,
        keyFile: null,
        clientCaFile: null,
      }
      assert.equal(controlPortOf({ ...none, port: null }), null)
      const refused = (more: object, message: RegExp): void =>
        assert.throws(
          () => controlPortOf({ ...none, ...more }),
          (error) => error instanceof UsageError && message.test(error.message),
        )
      refused({}, /tokenFile is missing/)
      refused({ tokenFile: certFile }, /certFile is missing/)
      refused({ tokenFile: certFile, certFile }, /keyFile is missing/)
      refused({ tokenFile: '/dev/null', certFile, keyFile }, /shorter than 16 characters/)
    })
  })
})
