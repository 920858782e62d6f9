// Starts of a service after a killed run that left its state, with `sleep` as the service.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService, type ServicePlan } from '../../../../infra/local/local-service.js'
import { identityOf, signalProcess, withServiceLock, writeServiceState } from '../../../../infra/local/service-state.js'
import { StackFailedError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'

describe('infra/local/local-service', () => {
  let folder: string
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'eunomia-local-service-'))))
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  const plan = (isReady: () => Promise<boolean>): ServicePlan => ({
    name: 'sleeper',
    folder,
    addressOf: () => 'nowhere',
    choosePorts: () => Promise.resolve({ port: 1 }),
    prepare: () => Promise.resolve({ command: 'sleep', args: ['60'] }),
    isReady,
    startTimeoutMs: 200,
    fix: 'sleep better',
  })

  it('waits for a service that a killed run has just started, and does not end it if it does not become ready', async () => {
    const child = spawn('sleep', ['60'])
    await new Promise((resolve) => child.once('spawn', resolve))
    const identity = identityOf(child.pid ?? 0)
    assert.ok(identity)
    await writeServiceState(folder, { process: identity, ports: { port: 1 } })
    let asked = 0
    const service = await startService(
      plan(() => Promise.resolve(++asked === 3)),
      SILENT_LOGGER,
    )
    assert.equal(service.pid, child.pid)
    assert.equal(asked, 3)
    await assert.rejects(
      startService(
        plan(() => Promise.resolve(false)),
        SILENT_LOGGER,
      ),
      StackFailedError,
    )
    const ended = new Promise((resolve) => child.once('exit', resolve))
    assert.equal(signalProcess(identity, 'SIGKILL'), true)
    await ended
  })

  it('ends a service that it started and that does not become ready', async () => {
    await assert.rejects(
      startService(
        plan(() => Promise.resolve(false)),
        SILENT_LOGGER,
      ),
      /was not ready/,
    )
    await assert.rejects(access(join(folder, 'service.lock')))
  })

  it('takes over a lock without an owner, or of a process that has ended', async () => {
    const lock = join(folder, 'service.lock')
    for (const text of ['', JSON.stringify({ pid: process.pid, bootId: 'another', startTicks: '1' })]) {
      await writeFile(lock, text)
      assert.equal(await withServiceLock(folder, () => Promise.resolve('done')), 'done')
    }
  })

  it('allows one run at a time in a folder', async () => {
    let inside = 0
    let most = 0
    const enter = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, () => withServiceLock(folder, enter)))
    assert.equal(most, 1)
  })
})
