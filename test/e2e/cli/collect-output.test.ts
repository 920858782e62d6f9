// What `collect` prints of a real container: chosen by name, kind and duration, in chosen columns; and what was left out is reported.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

describe('what collect prints', () => {
  const docker = useDocker()
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-printed-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const collect = (...args: string[]): EunomiaProcess =>
    new EunomiaProcess(['collect', '--docker-socket', docker().socketPath, ...args], { EUNOMIA_STATE_FOLDER: join(folder, 'state') })

  it('has the requested container, kind, duration and columns', async () => {
    const columns = 'kind,container,container_name,args,duration_ms,result'
    const eunomia = collect(
      '--output',
      'csv',
      '--container',
      'printed-one',
      '--kind',
      'exit',
      '--min-duration',
      '200ms',
      '--columns',
      columns,
    )
    await eunomia.says(/"msg":"collecting"/)
    assert.match(eunomia.stderr, /"watch":"forensic","leftOut":\[\],"msg":"everything is watched"/)
    await docker().runDetached(['--name', 'printed-other'], ['sleep', '0.3'])
    // Its name is known before the printed processes end: the runtime reports it at the start.
    const id = await docker().runDetached(['--name', 'printed-one'], ['sh', '-c', 'sleep 1; true; sleep 0.4; true'])
    await eunomia.until('its shell ended', () => /,sh -c /.test(eunomia.stdout))
    assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
    await docker().docker('rm', '-f', 'printed-one', 'printed-other')

    const [heading, ...rows] = eunomia.stdout.trimEnd().split('\n')
    assert.equal(heading, columns)
    assert.deepEqual(
      rows.map((row) => row.split(',').toSpliced(4, 1)),
      ['sleep 1', 'sleep 0.4', 'sh -c sleep 1; true; sleep 0.4; true'].map((args) => ['exit', id, 'printed-one', args, '0']),
    )
    const durations = rows.map((row) => Number(row.split(',')[4]))
    assert.ok(durations.every((ms) => ms >= 200) && (durations[0] ?? 0) >= 1000, String(durations))
    const actual = /"by":\["--container","--kind","--min-duration"\],"leftOut":(\d+),"printed":3/.exec(eunomia.stderr)
    assert.ok(Number(actual?.[1]) > 3, eunomia.stderr)
  })

  it('is refused for unknown kinds and columns before a probe is loaded', async () => {
    for (const [flag, value, pattern] of [
      ['--kind', 'exce', /unknown kind "exce"; did you mean exec\?/],
      ['--columns', 'pdi', /unknown column "pdi"; did you mean pid\?/],
    ] as const) {
      const eunomia = collect('--output', 'table', flag, value)
      assert.equal(await eunomia.ended(), 2)
      assert.match(eunomia.stderr, pattern)
      assert.equal(eunomia.stdout, '')
    }
  })
})
