import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { packageRoot } from '../../../infra/process/package-root.js'
import { LAYOUT_HASH } from '../../../native/generated/layout.js'
import { checkVersion, KernelAddonRefusedError, loadAddon } from '../../../native/index.js'

describe('the addon of the kernel', () => {
  it('is refused when it was built from other headers, or before they had a hash, with what to do', () => {
    for (const addon of [{}, { layoutHash: LAYOUT_HASH + 1 }])
      assert.throws(
        () => checkVersion(addon, '/x/eunomia.node'),
        (error) =>
          error instanceof KernelAddonRefusedError &&
          error.message === '/x/eunomia.node is of another version (run the set-up again: npm run setup)',
      )
    assert.doesNotThrow(() => checkVersion({ layoutHash: LAYOUT_HASH }, ''))
    assert.doesNotThrow(loadAddon, 'the one that is built')
  })

  it('is refused in a worker thread with the reason, and the worker and the process continue', async () => {
    const module = JSON.stringify(join(packageRoot(), 'dist/native/index.js'))
    const script = `import(${module}).then(({ loadAddon, resolveLink }) => {
      const answers = [loadAddon, () => resolveLink(Buffer.from('/proc/self/exe'))].map((call) => {
        try { call() } catch ({ code, message }) { return { code, message } }
      })
      require('node:worker_threads').parentPort.postMessage(answers)
    })`
    const worker = new Worker(script, { eval: true })
    const [[answers], [exitCode]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    const message = 'probes, pins and privileges belong to the main thread: the addon of the kernel does not load in a worker thread'
    const refusal = { code: 'EUNOMIA_PROBE_UNAVAILABLE', message }
    assert.deepEqual(answers, [refusal, refusal])
    assert.equal(exitCode, 0)
  })
})
