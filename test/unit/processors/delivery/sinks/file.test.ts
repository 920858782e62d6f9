import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { AlertSink, TopicAlert } from '../../../../../processors/delivery/sink.js'
import { FILE_SINK } from '../../../../../processors/delivery/sinks/file.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const never = new AbortController().signal
const HOSTILE = 'line\nbreak "quote" \\ \u0000 \u2028 <script>@here ${x} %n CEF:0|'

describe('the file sink', () => {
  let folder: string
  let path: string
  let sink: AlertSink

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-'))
    path = join(folder, 'alerts.json')
  })
  afterEach(async () => {
    await sink.close()
    await rm(folder, { recursive: true })
  })

  const open = async (more: object = {}): Promise<void> => {
    sink = await FILE_SINK.create({ path, ...more }, { name: 'out', log: SILENT_LOGGER })
  }
  const alertOf = (number: number, output = 'x'): TopicAlert => {
    return { alert: testAlert({ alertId: String(number), output }), bytes: new Uint8Array(), partition: 0, offset: number }
  }
  const idsIn = (file: string): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as Alert).alertId)

  it('writes one line for each alert, whatever is in it, readable only by its owner', async () => {
    await open()
    assert.deepEqual(await sink.send([alertOf(1, HOSTILE), alertOf(2)], never), [{ kind: 'delivered' }, { kind: 'delivered' }])
    assert.deepEqual(idsIn(path), ['1', '2'])
    assert.equal((JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '') as Alert).output, HOSTILE)
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('rotates at its size, keeps as many files as it should, and continues one that exists', async () => {
    await appendFile(path, '')
    await open({ maxBytes: 65_536, keep: 2, sync: 'none' })
    const big = 'y'.repeat(30_000)
    for (let number = 1; number <= 8; number++) await sink.send([alertOf(number, big)], never)
    assert.deepEqual((await readdir(folder)).sort(), ['alerts.json', 'alerts.json.1', 'alerts.json.2'])
    assert.deepEqual([idsIn(`${path}.2`), idsIn(`${path}.1`), idsIn(path)].flat(), ['3', '4', '5', '6', '7', '8'])
  })

  it('writes jobs of several partitions one after the other', async () => {
    await open({ maxBytes: 65_536, keep: 100 })
    const big = 'z'.repeat(20_000)
    await Promise.all(Array.from({ length: 30 }, async (_, number) => await sink.send([alertOf(number, big)], never)))
    const files = await readdir(folder)
    assert.equal(new Set(files.flatMap((file) => idsIn(join(folder, file)))).size, 30)
  })

  it('fails when the file can not be written, and works when it can', async () => {
    await open({ path: join(folder, 'missing', 'alerts.json') })
    await assert.rejects(sink.send([alertOf(1)], never), /ENOENT/)
    assert.equal(existsSync(path), false)
  })
})
