import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../../../../../infra/config/setting-value.js'
import { deliveryFileOf, readDeliverySettings, sinkSettingsOf } from '../../../../../processors/delivery/settings/delivery-settings.js'
import { KIND_NAMES } from '../../../../../processors/delivery/sinks/kinds.js'

describe('the file with sinks and routes', () => {
  let file: string

  beforeEach(async () => (file = join(await mkdtemp(join(tmpdir(), 'eunomia-')), 'deliver.yaml')))
  afterEach(() => rm(join(file, '..'), { recursive: true }))

  async function mistakesOf(text: string): Promise<string[]> {
    await writeFile(file, text)
    const error = await readDeliverySettings(file).then(
      () => assert.fail('it was accepted'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof ConfigError, String(error))
    return error.mistakes.map(({ place, message }) => `${place.slice(file.length + 1)} ${message}`)
  }

  it('has sinks with the settings of their kind and those of all, and routes', async () => {
    await writeFile(
      file,
      `
sinks:
  siem: {kind: file, path: /tmp/a.json, keep: 3, concurrency: 2, backoff: {maxMs: 1000}}
  all: {kind: stdout, from: latest}
routing:
  routes:
    - match: {priority: critical}
      to: [siem]
  default: [all]
`,
    )
    const { sinks, routing } = await readDeliverySettings(file)
    const [siem, all] = sinks
    assert.deepEqual(siem && { ...siem, kind: siem.kind.kind }, {
      ...{
        name: 'siem',
        kind: 'file',
        concurrency: 2,
        ratePerSecond: null,
        timeoutMs: 30_000,
        from: 'earliest',
        maxLag: null,
        grouping: {},
      },
      backoff: { firstMs: 500, maxMs: 1_000 },
      batch: { alerts: undefined, bytes: undefined },
      own: { path: '/tmp/a.json', keep: 3 },
    })
    assert.deepEqual([all?.kind.kind, all?.from], ['stdout', 'latest'])
    assert.deepEqual([routing.routes?.length, routing.default], [1, ['all']])
  })

  it('reports all mistakes at once, each with its place and what was probably meant', async () => {
    const mistakes = await mistakesOf(
      `sinks:
  Siem: {kind: stdout}
  siem:
    kind: file
    pth: /tmp/a
    timeoutMs: soon
  pager: {kind: fil, path: x}
  none: {}
routing:
  routes:
    - match: {priorty: critical}
      to: [siem]
routs: []
`,
    )
    assert.deepEqual(mistakes, [
      '2:3 the name of a sink has lower-case letters, digits and dashes, at most 63, found "Siem"',
      '3:3 siem: path is missing',
      '5:5 siem: it has no field "pth"; did you mean path?',
      '6:5 siem: timeoutMs must be a whole number from 100 to 600000, found "soon"',
      '7:11 there is no kind of sink "fil"; did you mean file?',
      `8:3 a sink needs its kind, one of ${KIND_NAMES.join(', ')}`,
      '11:15 routing.routes[0].match has no field "priorty"; did you mean priority?',
      '13:1 it has no field "routs"; its fields are sinks, routing',
    ])
  })

  it('reports routes to sinks that do not exist', async () => {
    assert.deepEqual(
      await mistakesOf('sinks:\n  siem: {kind: stdout}\nrouting:\n  default: [sim]\n  routes:\n    - match: {}\n      to: [siem, pager]\n'),
      [
        '4:3 routing.default: there is no sink "sim"; did you mean siem?',
        '7:7 routing.routes[0].to: there is no sink "pager"; the sinks are siem',
      ],
    )
  })

  it('is YAML with at least one sink', async () => {
    assert.deepEqual(await mistakesOf('sinks: {}'), ['1:1 there is no sink'])
    assert.match((await mistakesOf('sinks: {a: b: c}')).join(), /^1:\d+ not YAML/)
    assert.deepEqual(await mistakesOf('- a'), ['1:1 it must be an object with sinks'])
    assert.deepEqual(await mistakesOf(''), ['1:1 it must be an object with sinks'])
  })

  it('is reported without what may be a secret', async () => {
    const secret = 'xoxb-123'
    const place = '{file: PATH} or {env: NAME}'
    const address = 'an address of http or https, of at most 2,048 characters'
    const mistakes = await mistakesOf(
      `sinks:
  chat: {kind: slack, token: ${secret}, webhook: {${secret}}, url: [${secret}], proxy: 'socks://user:${secret}@proxy'}
  search: {kind: opensearch, url: 'https://${'x'.repeat(2_048)}', password: {file: [${secret}]}, apiKey: {value: ${secret}}}
  bucket: {kind: bucket, bucket: alerts, endpoint: 's3://user:${secret}@s3', secretAccessKey: 123}
  hook: {kind: webhook, url: 'ftp://user:${secret}@hook', secret: {env: A}, headers: {a: "${secret}\\n"}}
  other: {kind: webhook, url: 'http://hook', secret: {env: A}, headers: ${secret}}
  duty: {kind: pagerduty, routingKey: ${secret}, url: {a: ${secret}}}
`,
    )
    assert.deepEqual(
      mistakes.map((mistake) => mistake.replace(/^\d+:\d+ /, '')),
      [
        `chat: token must be ${place}`,
        `chat: webhook must be ${place}`,
        `chat: url must be ${address}`,
        `chat: proxy must be ${address}`,
        `search: url must be ${address}`,
        `search: password must be ${place}`,
        `search: apiKey must be ${place}`,
        `bucket: endpoint must be ${address}`,
        `bucket: secretAccessKey must be ${place}`,
        'hook: headers.a must be a text in ASCII',
        'other: headers must be the names of headers with their values',
        `duty: routingKey must be ${place}`,
        `duty: url must be ${address}`,
      ],
    )
    for (const file of [`- {kind: slack, token: ${secret}}`, `sinks:\n  - {kind: slack, token: ${secret}}`, `sinks: {chat: ${secret}}`]) {
      assert.ok(!(await mistakesOf(file)).join().includes(secret), file)
    }
  })

  it('is the one of the settings, or deliver.yaml next to their file', () => {
    assert.equal(deliveryFileOf('/x/y.yaml', '/etc/eunomia/eunomia.yaml'), '/x/y.yaml')
    assert.equal(deliveryFileOf(null, '/etc/eunomia/eunomia.yaml'), '/etc/eunomia/deliver.yaml')
  })

  it('is not needed for one sink of a command', async () => {
    assert.deepEqual((await sinkSettingsOf('run', { kind: 'file', path: '/tmp/x' }, '--sink')).own, { path: '/tmp/x' })
    await assert.rejects(sinkSettingsOf('run', { kind: 'file' }, '--sink'), /^ConfigError: --sink: run: path is missing$/)
  })
})
