// `eunomia deliver` as real processes. What happens when things fail is in test/chaos/delivery.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Alert } from '../../../../schemas/generated/types.js'
import { DeliverScene } from '../../../support/delivery/deliver-scene.js'
import { sharedKafka } from '../../../support/services/services.js'
import { waitFor } from '../../../support/wait-for.js'

describe('eunomia deliver', () => {
  let scene: DeliverScene

  before(() => sharedKafka())
  beforeEach(async () => (scene = await DeliverScene.open()))
  afterEach(async function () {
    await scene.close(this.currentTest?.state === 'failed')
  })

  /** Ids in the files, in their order, repeats included. */
  function delivered(): string[] {
    const files = scene.instances.map(({ output }) => output).filter((file) => existsSync(file))
    const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
    return lines.map((line) => (JSON.parse(line) as Alert).alertId)
  }

  async function all(count: number): Promise<string[]> {
    await waitFor(`${String(count)} alerts`, () => new Set(delivered()).size >= count, { progress: () => delivered().length, everyMs: 100 })
    return delivered()
  }

  it('delivers every alert once while nothing fails, and continues after a stop where it ended', async () => {
    await scene.append(0, 500)
    const first = await scene.start()
    assert.equal((await all(500)).length, 500)
    first.child.kill('SIGTERM')
    await waitFor('the end', () => first.child.exitCode !== null)
    assert.equal(first.child.exitCode, 0, first.log())
    const alert = join(scene.folder, 'alert.json')
    await writeFile(alert, readFileSync(first.output, 'utf8').split('\n')[0] ?? '')
    assert.match(await scene.command('routes', 'test', alert), /\n[0-9a-f]{32} goes to out\n$/)
    await scene.append(500, 1_000)
    await scene.start()
    assert.equal((await all(1_000)).length, 1_000)
  })

  it('refuses a Redis that may remove what waits there', async () => {
    await scene.redisClient.waitUntilReady(10_000)
    await scene.redisClient.batch([['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']])
    const instance = await scene.start()
    await waitFor('the end', () => instance.child.exitCode !== null)
    assert.equal(instance.child.exitCode, 2)
    assert.match(instance.log(), /the Redis of the queues has maxmemory-policy allkeys-lru: .* Set maxmemory-policy noeviction there/)
  })
})
