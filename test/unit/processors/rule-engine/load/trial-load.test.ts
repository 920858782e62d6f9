import assert from 'node:assert/strict'
import { tryToLoad } from '../../../../../processors/rule-engine/load/trial-load.js'

const RULE = '- rule: one\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n'
const small = { name: 'small.yaml', text: RULE }
/** Within the bounds of a file, but far more than 48 MiB of memory. */
const large = { name: 'large.yaml', text: '- a\n'.repeat(150_000) }

describe('a trial load', () => {
  it('ends well for files that load, and for files with mistakes: these are found by the load itself', async () => {
    await tryToLoad([small, { name: 'broken.yaml', text: '- rule: [' }], [], {})
  })
  it('fails at its deadline, and names the file that it had come to', async () => {
    // No thread starts within no time.
    await assert.rejects(tryToLoad([small, large], [], {}, { deadlineMs: 0, maxMib: 512 }), /^Error: loading takes longer than 0 s/)
  })
  it('fails at its bound of memory, names the file, and leaves the process alone', async () => {
    await assert.rejects(tryToLoad([small, large], [], {}, { deadlineMs: 600_000, maxMib: 48 }), {
      message: 'loading takes more than 48 MiB, in or after large.yaml',
    })
  })
})
