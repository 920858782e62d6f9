// Secrets on the way from ring records to the log: no byte of them is in a record, also not in `raw`, and not in a table restored from a
// collector that did not replace them.
import assert from 'node:assert/strict'
import { ProcessTable } from '../../../../collector/processes/process-table.js'
import { Redactor } from '../../../../collector/redaction/redactor.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { execRecord, execRefusedRecord, forkRecord } from '../../../support/records/ring-records.js'

const SECRET = 'hunter2horse'
const ARGS = ['app', `--password=${SECRET}`, '-v']
const CLEAN = ['app', '--password=[redacted]', '-v']
const CHILD = { pid: 78, tid: 78, startNs: 90_000_000_000n, bootNs: 90_000_000_000n }

describe('events of a process with a secret', () => {
  it('have it replaced and counted in arguments, of the child as those of the parent, of a refused exec, and in the environment', async () => {
    const bench = await RecordBench.open({ redactor: new Redactor() })
    const parent = { pid: 77, tid: 77, startNs: 80_000_000_000n, bootNs: 80_000_000_000n }
    bench.security(execRecord(parent, {}, { args: ARGS, environment: [`MY_TOKEN=${SECRET}`, 'A=b'], environmentFlags: 1 }))
    bench.security(forkRecord(CHILD, { parentPid: 77, parentStartNs: 80_000_000_000n }))
    bench.security(execRefusedRecord({ ...parent, bootNs: 91_000_000_000n }, ARGS, '/bin/absent'))
    const [exec, fork, refused] = bench.processEvents
    assert.deepEqual([exec?.process.args, exec?.process.argsRedacted], [CLEAN, 1])
    assert.deepEqual([exec?.process.env, exec?.process.envRedacted], [['MY_TOKEN=[redacted]', 'A=b'], 1])
    assert.deepEqual([exec?.process.argsBytes, exec?.process.argsTruncated], [ARGS.join('').length + ARGS.length, false])
    assert.deepEqual([fork?.process.parentArgs, fork?.process.parentArgsRedacted], [CLEAN, 1])
    assert.deepEqual([refused?.attemptedArgs, refused?.redacted], [CLEAN, 1])
  })

  it('have no byte of it in raw when it is not valid UTF-8', async () => {
    const bench = await RecordBench.open({ redactor: new Redactor() })
    const bad = Buffer.from(`app\0--password=${SECRET}\xff\0\xfe\0`, 'latin1')
    bench.security(execRecord({}, {}, { args: bad }))
    const [event] = bench.processEvents
    assert.deepEqual(event?.process.args, ['app', '--password=[redacted]', '\ufffd'])
    assert.deepEqual(Object.keys(event.raw ?? {}), ['process.args.2'])
  })

  it('have it replaced after a take-over from a collector that kept it', async () => {
    const before = await RecordBench.open()
    before.security(execRecord({ pid: 77, tid: 77 }, {}, { args: ARGS }))
    const table = new ProcessTable({ redactor: new Redactor() })
    table.restore(before.context.table.save())
    const texts = [...table.entries()].map(({ image }) => Buffer.from(image?.texts.bytes ?? []).toString())
    assert.ok(texts.some((text) => text.includes('--password=[redacted]')))
    assert.ok(texts.every((text) => !text.includes(SECRET)))
  })
})
