// Everything that delivery depends on fails while alerts are delivered: the receiver in many ways, instances, Redis. Nothing is lost.
import assert from 'node:assert/strict'
import { DeliverScene } from '../../support/delivery/deliver-scene.js'
import { FailingReceiver } from '../../support/delivery/failing-receiver.js'
import { dose } from '../../support/runner/dose.js'
import { sharedKafka } from '../../support/services/services.js'
import { waitFor } from '../../support/wait-for.js'

const ALERTS = dose(1_000, 100_000)
/** Alerts between two faults of instances and Redis. */
const STEP = dose(250, 5_000)

/** Alerts that the receiver refuses for good. */
const isRefused = (index: number): boolean => index % 400 === 5

describe('delivery to a receiver that refuses, hangs and breaks off', () => {
  let scene: DeliverScene
  let receiver: FailingReceiver

  before(async () => {
    await sharedKafka()
    scene = await DeliverScene.open()
    receiver = await FailingReceiver.open(isRefused)
  })
  after(async function () {
    receiver.close()
    await scene.close(this.test?.parent?.tests.some(({ state }) => state === 'failed') === true)
  })

  it('loses nothing while instances are killed, and Redis is emptied and restarted', async () => {
    scene.append(0, STEP)
    await scene.start(receiver.sink)
    await scene.start(receiver.sink)
    const faults = [
      async (from: number) => {
        scene.instances.at(-1)?.child.kill('SIGKILL')
        scene.append(from, from + STEP)
        await scene.start(receiver.sink)
      },
      async (from: number) => {
        await scene.emptyRedis()
        scene.append(from, from + STEP)
      },
      async (from: number) => await scene.restartRedis(() => scene.append(from, from + STEP)),
    ]
    for (let from = STEP, step = 0; from < ALERTS; from += STEP, step++) {
      // In the middle of the step before.
      await waitFor('half of the alerts', () => receiver.taken.size > from - STEP / 2, { progress: () => receiver.requests })
      await faults[step % faults.length]?.(from)
    }
    const indexes = [...Array(ALERTS).keys()]
    const wanted = indexes.filter((index) => !isRefused(index))
    await waitFor('all alerts', () => receiver.taken.size >= wanted.length, { progress: () => receiver.requests })
    assert.deepEqual(
      [...receiver.taken].sort((a, b) => a - b),
      wanted,
    )
    assert.ok(receiver.failed > ALERTS / 40, String(receiver.failed))

    const dead = await scene.refused(indexes.length - wanted.length)
    assert.deepEqual(
      [...new Set(dead.map(({ index }) => index))].sort((a, b) => a - b),
      indexes.filter(isRefused),
    )
    for (const { index, message } of dead) assert.match(message, new RegExp(`400.*no mapping for ${String(index)}$`))
  })

  it('shows what happened, and sends what was refused again', async () => {
    await waitFor('a sink that has delivered everything', async () => {
      const [row] = await scene.status()
      return row?.lag === 0 && row.sink === 'out' && row.state === 'running' && row.retried > 0
    })
    // What was refused before Redis was emptied is only in the dead letters.
    receiver.isRepaired = true
    const { size } = receiver.taken
    assert.match(await scene.command('dead', 'list', 'out'), /400/)
    assert.match(await scene.command('dead', 'redrive', 'out', '--all'), /^[1-9]\d* batch(es)? goe?s? to out again\n$/)
    await waitFor('a refused alert', () => receiver.taken.size > size)
    assert.match(await scene.doctor(), /^(ok|warning) +sink out \(webhook\): /m)
    assert.match(await scene.command('test', 'out'), /^out: alert [0-9a-f]{32} delivered in \d+ ms\n$/)
  })
})
