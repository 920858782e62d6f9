// Many processes with long arguments: together they are cut before they take the memory, and short ones stay complete. Needs root.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { TEXT } from '../../../native/generated/layout.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { execOf, recordsOf } from './kernel-records.js'
import { openSession } from './watch.js'

const BOUND = 65_536
const MAX_OF_ALL = 32 << 20
/** Together more than all may have. */
const PROCESSES = MAX_OF_ALL / BOUND + 50
/** They end when descriptor 3 is closed. */
const FORKS = `i=0; while [ $i -lt ${String(PROCESSES)} ]; do read line <&3 & i=$((i+1)); done; echo ready; wait`

describe('long arguments of many processes', () => {
  let shell: ChildProcess | undefined
  let short: ChildProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  after(() => {
    shell?.stdio[3]?.destroy()
    shell?.kill('SIGKILL')
    short?.kill('SIGKILL')
  })

  it('are cut to what all may have; short ones are not', async () => {
    shell = spawn('sh', ['-c', FORKS, 'x'.repeat(BOUND + 1000)], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
    short = spawn('sleep', ['1000'], { stdio: 'ignore' })
    assert.ok(shell.stdout !== null)
    await once(shell.stdout, 'data')
    const session = openSession({ argsBytes: BOUND })
    const tasks = recordsOf(session.tasks()).map((record) => ({ pid: record.pid, ...execOf(record) }))
    session.close()
    const long = tasks.filter(({ argsTotal }) => argsTotal > BOUND)
    assert.ok(long.length >= PROCESSES, `${String(long.length)} processes`)
    const lengths = long.map(({ args }) => Buffer.byteLength(args.join(' ')))
    assert.ok(Math.max(...lengths) <= BOUND / 2 && Math.max(...lengths) > 0)
    for (const { textFlags } of long) assert.ok((textFlags & TEXT.argsTruncated) !== 0)
    const whole = tasks.find(({ pid }) => pid === short?.pid)
    assert.deepEqual([whole?.args, (whole?.textFlags ?? 0) & TEXT.argsTruncated], [['sleep', '1000'], 0])
  })
})
