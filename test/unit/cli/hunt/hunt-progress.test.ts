import assert from 'node:assert/strict'
import { ProgressLine } from '../../../../cli/hunt/hunt-progress.js'

const PROGRESS = { slices: 10, slicesEnded: 4, records: 400_000, recordsOfAll: 1_000_000, alerts: 3, elapsedMs: 2_000 }

describe('cli progress of a hunt', () => {
  it('is a bar on a terminal, which is removed at the end', () => {
    const written: string[] = []
    const line = new ProgressLine({ isTTY: true, columns: 100, write: (text) => written.push(text) }, () => 0)
    line.show(PROGRESS)
    line.show({ ...PROGRESS, slicesEnded: 5 })
    line.end()
    line.end()
    assert.deepEqual(written, ['\r[##########..............] 40 %  200,000 records/s, 3 s left, 3 alerts\u001b[K', '\r\u001b[K'])
  })

  it('is a line of JSON every few seconds elsewhere, and at the end', () => {
    const written: string[] = []
    let nowMs = 0
    const line = new ProgressLine({ write: (text) => written.push(text) }, () => nowMs)
    for (nowMs of [0, 1_000, 6_000]) line.show(PROGRESS)
    line.show({ ...PROGRESS, slicesEnded: 10, records: 1_000_000 })
    line.end()
    const shown = written.map((text) => JSON.parse(text) as { slicesEnded: number; perSecond: number; leftSeconds: number })
    assert.deepEqual(
      shown.map(({ slicesEnded, perSecond, leftSeconds }) => [slicesEnded, perSecond, leftSeconds]),
      [
        [4, 200_000, 3],
        [4, 200_000, 3],
        [10, 500_000, 0],
      ],
    )
  })
})
