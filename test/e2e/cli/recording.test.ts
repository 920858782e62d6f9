// `collect --record` on the real kernel with a real Docker, and `collect --capture` of what it wrote: the same events, also of a recorder that was killed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

type Line = Readonly<Record<string, unknown>> & { readonly topic: string }

describe('a recording', () => {
  const docker = useDocker()
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-record-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const collect = (...args: string[]): EunomiaProcess =>
    new EunomiaProcess(['collect', '--output', 'json', '--docker-socket', docker().socketPath, ...args], {
      EUNOMIA_STATE_FOLDER: join(folder, `state-${String(args.includes('--capture'))}`),
    })
  const capture = (name: string): string => join(folder, name)
  const played = async (file: string): Promise<EunomiaProcess> => {
    const replay = collect('--capture', file)
    assert.equal(await replay.ended(), 0, replay.stderr)
    return replay
  }
  const linesOf = (eunomia: EunomiaProcess, topic: string): string[] =>
    eunomia.stdout.split('\n').filter((line) => line.startsWith(`{"topic":"${topic}"`))
  /** A container that reads, writes and fails; seen when its last event is. */
  const work = async (recorder: EunomiaProcess, mark: string): Promise<string> => {
    const id = await docker().runDetached(
      ['--name', mark],
      ['sh', '-c', `cat /etc/passwd; echo x > /tmp/${mark}; /bin/absent; echo y > /${mark}`],
    )
    await recorder.until('the events of the container are emitted', () => recorder.stdout.includes(`"/${mark}"`))
    await docker().docker('rm', '-f', mark)
    return id
  }

  it('replays the same events in every field, with the recorded container and host', async () => {
    const file = capture('whole.capture')
    const recorder = collect('--record', file)
    await recorder.says(/"msg":"collecting"/)
    const id = await work(recorder, 'recorded-whole')
    assert.equal(await recorder.interrupt(), 0, recorder.stderr)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match(recorder.stderr, /"recording":\{"file":"[^"]+whole\.capture","bytes":\d+,"records":\d+,"leftOut":0\}/)
    const replay = await played(file)
    for (const topic of ['process', 'file', 'network', 'kernel']) {
      const [then, now] = [linesOf(recorder, topic), linesOf(replay, topic)]
      assert.equal(now.length, then.length, topic)
      // Line by line: a difference is shown as one, not as megabytes.
      then.forEach((line, index) => assert.equal(now[index], line))
      if (topic === 'process' || topic === 'file')
        assert.ok(
          then.some((line) => line.includes(id)),
          topic,
        )
    }
    const bodies = (eunomia: EunomiaProcess): unknown[] =>
      linesOf(eunomia, 'container').map((line) => ({ ...(JSON.parse(line) as Line), origin: null }))
    assert.ok(linesOf(recorder, 'container').some((line) => line.includes(id)))
    assert.deepEqual(bodies(replay), bodies(recorder))
    assert.ok(
      linesOf(replay, 'process').some((line) => line.includes('"filename":"/bin/absent"') && line.includes(`"containerClaim":"${id}"`)),
    )
  })

  it('replays up to the last complete record when the recorder was killed or the file was cut, and reports the cut', async () => {
    const file = capture('killed.capture')
    const recorder = collect('--record', file)
    await recorder.says(/"msg":"collecting"/)
    const id = await work(recorder, 'recorded-killed')
    await recorder.kill()
    const whole = await played(file)
    assert.ok(linesOf(whole, 'process').some((line) => line.includes('"filename":"/bin/absent"') && line.includes(id)))

    const bytes = readFileSync(file)
    writeFileSync(file, bytes.subarray(0, bytes.length - 3))
    const cut = await played(file)
    assert.match(cut.stderr, /the capture ends within a record: the recorder was killed/)
    const [before, after] = [whole, cut].map((eunomia) => eunomia.stdout.split('\n').length)
    // The part that was cut may hold no complete event.
    assert.ok((after ?? 0) <= (before ?? 0) && (after ?? 0) > 100, `${String(after)} of ${String(before)}`)
  })

  it('ends at its limit with a message, and collecting continues', async () => {
    const recorder = collect('--record', capture('small.capture'), '--record-max', '256KiB')
    await recorder.says(/"msg":"collecting"/)
    await recorder.until('the bound is reached', () => {
      spawnSync('true')
      return recorder.stderr.includes('the recording has reached its bound and ends; collecting continues')
    })
    await work(recorder, 'recorded-beyond')
    assert.equal(await recorder.interrupt(), 0, recorder.stderr)
    assert.match(recorder.stderr, /"leftOut":[1-9]/)
    assert.ok(statSync(capture('small.capture')).size <= 256 * 1024)
    const replay = await played(capture('small.capture'))
    assert.doesNotMatch(replay.stderr, /ends within a record/)
    assert.ok(!replay.stdout.includes('recorded-beyond'))
  })

  it('overwrites no file, and refuses to record a replay', async () => {
    writeFileSync(capture('mine'), 'mine')
    const recorder = collect('--record', capture('mine'))
    assert.equal(await recorder.ended(), 2)
    assert.match(recorder.stderr, /^eunomia: --record .*mine: the file exists and is not overwritten/)
    assert.equal(readFileSync(capture('mine'), 'utf8'), 'mine')
    const again = collect('--record', capture('again'), '--capture', capture('mine'))
    assert.equal(await again.ended(), 2)
    assert.match(again.stderr, /a capture is a recording already/)
    assert.equal(existsSync(capture('again')), false)
  })
})
