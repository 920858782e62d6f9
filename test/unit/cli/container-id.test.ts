import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { answerContainerId, printContainerIds } from '../../../cli/container-id.js'
import { answerJsonLines } from '../../../infra/process/json-lines.js'
import { sharedPath } from '../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../support/runner/skip-because.js'

const ID = '3d'.repeat(32)

class TextSink extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}

async function answersTo(...lines: string[]): Promise<unknown[]> {
  const sink = new TextSink()
  await answerJsonLines(Readable.from([Buffer.from(lines.join('\n'))]), sink, answerContainerId)
  return sink.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}

interface Vector {
  readonly id: string
  readonly path: string
  readonly prefixPath?: string
  readonly containerId?: string | null
  readonly accept?: readonly (string | null)[]
  readonly prefix?: boolean
  readonly runtime?: string
  readonly resolved?: string | null
}

describe('eunomia container-id', () => {
  it('answers paths and whole lines of /proc/PID/cgroup', async () => {
    assert.deepEqual(
      await answersTo(`{"id":1,"path":"/docker/${ID}"}`, `{"id":2,"path":"0::/docker/${ID}/a"}`, '{"id":"x","path":"4:pids:/"}'),
      [
        { id: 1, containerId: ID, runtime: 'docker' },
        { id: 2, containerId: ID, runtime: 'docker' },
        { id: 'x', containerId: null, runtime: null },
      ],
    )
  })

  it('answers paths of a cgroup namespace', async () => {
    assert.deepEqual(await answersTo('{"id":1,"prefixPath":"/a/b","path":"/../../x"}', '{"id":2,"prefixPath":"/a","path":"/../../x"}'), [
      { id: 1, resolved: '/x' },
      { id: 2, resolved: null },
    ])
  })

  it('answers what is wrong, and goes on', async () => {
    const answers = (await answersTo(
      '{',
      '[]',
      '{"id":3}',
      '{"id":4,"path":5}',
      '{"id":5,"path":"/a","prefixPath":1}',
      '{"id":6,"path":"/"}',
    )) as {
      id: unknown
      error?: string
    }[]
    assert.deepEqual(
      answers.map((answer) => answer.id),
      [null, null, 3, 4, 5, 6],
    )
    assert.ok(answers.slice(0, 5).every((answer) => typeof answer.error === 'string' && answer.error !== ''))
    assert.equal(answers[5]?.error, undefined)
  })

  it('prints columns without control characters of hostile names', async () => {
    const sink = new TextSink()
    await printContainerIds(Readable.from([`/docker/${ID}\n/\n/lxc/\u001b[2J\u009bx\n`]), sink)
    assert.equal(sink.text, `docker      ${ID}\n-           -\nlxc         \\x1b[2J\\x9bx\n`)
  })

  it('agrees with the vectors of other projects', function () {
    const file = sharedPath('samples', 'CG.jsonl')
    if (file === null) return skipWithoutCorpora(this)
    for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
      const vector = JSON.parse(line) as Vector
      const answer = answerContainerId({ ...vector }) as { containerId?: string | null; runtime?: string; resolved?: string | null }
      if (vector.prefixPath !== undefined) {
        assert.equal(answer.resolved, vector.resolved, vector.id)
        continue
      }
      const got = answer.containerId ?? null
      const accepted = vector.accept ?? [vector.containerId ?? null]
      assert.ok(
        accepted.some((want) => (vector.prefix === true && want !== null ? got?.startsWith(want) : got === want)),
        `${vector.id}: ${got}`,
      )
      if (vector.runtime !== undefined) assert.equal(answer.runtime, vector.runtime, vector.id)
    }
  })
})
