// The edge where Docker's JSON becomes facts. The answer below has the fields of Docker's documented ContainerInspect response.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseContainer } from '../../../../../collector/containers/docker/parse-container.js'
import { createdAtUs } from '../../../../../collector/containers/facts/created-at.js'
import { FACTS_BOUNDS } from '../../../../../collector/containers/facts/facts-bounds.js'

const ID = '7c'.repeat(32)
const IMAGE_ID = `sha256:${'ab'.repeat(32)}`
const never = (): never => assert.fail('nothing is to be cut')

function inspected(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    Id: ID,
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
  it('gives the facts of an answer', () => {
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
      ID,
      `sha256:${'cd'.repeat(32)}`,
      never,
    )
    assert.deepEqual(container, {
      containerId: ID,
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
      cgroupPaths: [`/jobs/${ID}`],
      initPid: 4711,
      exitCode: null,
      isOomKilled: false,
    })
  })

  it('takes no answer of another container: Docker also answers names and cut ids', () => {
    assert.equal(parseContainer(inspected({ Id: '8d'.repeat(32) }), ID, null, never), null)
  })

  it('tells an ended container from one that never ran', () => {
    const ended = { Status: 'exited', Running: false, Pid: 0, ExitCode: 137, OOMKilled: true, StartedAt: '2026-03-01T10:11:13Z' }
    const neverRan = { Status: 'created', Running: false, Pid: 0, ExitCode: 0, OOMKilled: false, StartedAt: '0001-01-01T00:00:00Z' }
    const parsed = [ended, neverRan].map((state) => parseContainer(inspected({ State: state }), ID, null, never))
    assert.deepEqual(
      parsed.map((container) => [container?.initPid, container?.exitCode, container?.isOomKilled]),
      [
        [null, 137, true],
        [null, null, false],
      ],
    )
  })

  it('keeps control characters of names and labels, as data', () => {
    const labels = { 'a\u001b[2J': 'b\n\u0000', ['__proto__']: 'own' }
    const container = parseContainer(
      inspected({ Name: '/we\nb\u001b]0;x\u0007', Config: { Image: 'x', Labels: JSON.parse(JSON.stringify(labels)) as unknown } }),
      ID,
      null,
      never,
    )
    assert.equal(container?.facts.name, 'we\nb\u001b]0;x\u0007')
    assert.equal(container.facts.labels['a\u001b[2J'], 'b\n\u0000')
    assert.equal(Object.getPrototypeOf(container.facts.labels), Object.prototype)
  })

  it('keeps a label named __proto__ as a label', () => {
    const config = JSON.parse('{"Image":"x","Labels":{"__proto__":"own"}}') as unknown
    assert.deepEqual(Object.entries(parseContainer(inspected({ Config: config }), ID, null, never)?.facts.labels ?? {}), [
      ['__proto__', 'own'],
    ])
  })

  it('bounds labels and mounts, tells that it cut, and still finds the pod', () => {
    const labels: Record<string, string> = {}
    for (let index = 0; index < 5000; index++) labels[`label-${index}`] = 'x'.repeat(10_000)
    Object.assign(labels, { 'io.kubernetes.pod.name': 'p', 'io.kubernetes.pod.namespace': 'n' })
    let cuts = 0
    const mounts = Array.from({ length: FACTS_BOUNDS.mounts + 1 }, () => ({ Type: 'bind' }))
    const facts = parseContainer(inspected({ Config: { Image: 'x', Labels: labels }, Mounts: mounts }), ID, null, () => cuts++)?.facts
    assert.ok(facts !== undefined)
    const kept = Object.entries(facts.labels)
    assert.ok(kept.length > 0 && kept.length <= FACTS_BOUNDS.labels)
    assert.ok(kept.reduce((sum, [key, value]) => sum + key.length + value.length, 0) <= FACTS_BOUNDS.labelsLength)
    assert.equal(facts.mounts.length, FACTS_BOUNDS.mounts)
    assert.equal(cuts, 1)
    assert.deepEqual(facts.pod, { name: 'p', namespace: 'n', uid: null, containerName: null })
  })

  it('makes typed facts of whatever JSON comes', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constant(undefined))
    const answer = fc.record({ Created: field, State: field, Image: field, Name: field, HostConfig: field, Config: field, Mounts: field })
    fc.assert(
      fc.property(answer, (fields) => {
        const container = parseContainer({ ...fields, Id: ID }, ID, null, () => undefined)
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
  it('keeps microseconds, takes zones, and gives 0 for anything else', () => {
    assert.equal(createdAtUs('1970-01-01T00:00:01.000002Z'), 1_000_002)
    assert.equal(createdAtUs('1970-01-01T02:00:01.5+02:00'), 1_500_000)
    for (const text of ['', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01']) assert.equal(createdAtUs(text), 0)
  })
})
