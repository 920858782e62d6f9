// Delivery while everything around it fails: receivers refuse, hang, cut, take a part; instances are killed, Redis is started again or emptied, the
// broker is killed. Nothing is lost: a search engine has every alert once, a webhook gets repeats only with the same id, and what it refuses for good is
// in the dead letters.
import assert from 'node:assert/strict'
import { DeliverScene } from '../../support/delivery/deliver-scene.js'
import { FaultyReceivers, RECEIVER_FAULTS } from '../../support/delivery/faulty-receivers.js'
import { Random } from '../../support/generator/random.js'
import { dose } from '../../support/runner/dose.js'
import { type OwnKafka, startOwnKafka } from '../../support/services/own-kafka.js'
import { waitFor } from '../../support/wait-for.js'

const FAULTS = dose(14, 1_000)
const ALERTS_PER_FAULT = 100
/** One of so many faults is of this kind; the others are of receivers, each of its kinds in turn. */
const EVERY = { kill: dose(5, 12), restartRedis: dose(7, 25), emptyRedis: dose(6, 30), killBroker: dose(11, 100) }
const MAX_MS = dose(300_000, 3_600_000)

/** Alerts that the webhook refuses for good: two of each fault. */
const isRefused = (index: number): boolean => index % 50 === 5

describe('delivery while everything around it fails', () => {
  const receivers = new FaultyReceivers()
  let kafka: OwnKafka
  let scene: DeliverScene
  let appended = 0

  before(async () => {
    receivers.isRefused = isRefused
    await receivers.start()
    kafka = await startOwnKafka(4)
    scene = await DeliverScene.open(kafka.config)
  })
  after(async function () {
    await scene.close(this.test?.parent?.tests.some(({ state }) => state === 'failed') === true)
    await receivers.stop()
    await kafka.service.stop()
  })

  async function append(): Promise<void> {
    const from = appended
    appended += ALERTS_PER_FAULT
    await scene.append(from, appended)
  }

  const delivered = (): number => receivers.webhook.size + receivers.documents.size
  const progress = (): number => delivered() + receivers.requests

  async function killOldest(): Promise<void> {
    scene.instances.shift()?.child.kill('SIGKILL')
    await append()
    await scene.start(receivers.sinks)
  }

  async function killBroker(): Promise<void> {
    await append()
    await kafka.service.kill9()
    await kafka.restart()
  }

  /** A fault in the middle of alerts. */
  async function doFault(fault: number, random: Random): Promise<void> {
    if (fault % EVERY.killBroker === 0) return await killBroker()
    if (fault % EVERY.restartRedis === 0) return await scene.restartRedis(append)
    if (fault % EVERY.kill === 0) return await killOldest()
    if (fault % EVERY.emptyRedis === 0) await scene.emptyRedis()
    else receivers.fail(RECEIVER_FAULTS[fault % RECEIVER_FAULTS.length] ?? 'cut', 1 + random.below(20))
    await append()
  }

  it('loses nothing: a search engine has each alert once, a webhook repeats only with the same id', async () => {
    const random = new Random(20_261_128)
    await append()
    await scene.start(receivers.sinks)
    await scene.start(receivers.sinks)
    for (let fault = 1; fault <= FAULTS; fault++) {
      const before = delivered()
      await doFault(fault, random)
      await waitFor('more alerts', () => delivered() >= before + ALERTS_PER_FAULT / 2, { progress })
    }
    receivers.recover()
    // Whatever the last fault was, some are refused after it.
    await append()
    await scene.appended()
    const indexes = [...Array(appended).keys()]
    const wanted = indexes.filter((index) => !isRefused(index))
    const isAll = (): boolean => receivers.webhook.size >= wanted.length && receivers.documents.size >= appended
    await waitFor('every alert at both', isAll, { progress, maxMs: MAX_MS })
    assert.deepEqual(scene.lost, [], 'the test itself lost alerts')
    assert.deepEqual(sorted(receivers.webhook.keys()), wanted)
    assert.equal(receivers.documents.size, appended)
    assert.equal(receivers.wrongIds, 0)
    assert.ok(receivers.failed >= FAULTS / 2, String(receivers.failed))
    const repeats = [...receivers.webhook.values()].reduce((sum, times) => sum + times - 1, 0)
    assert.ok(repeats < appended, `${String(repeats)} repeats of ${String(appended)} alerts`)
    for (const { child, log } of scene.instances) assert.equal(child.exitCode, null, `an instance ended by itself: ${log()}`)

    const dead = await scene.refused(indexes.length - wanted.length)
    assert.deepEqual(sorted(new Set(dead.map(({ index }) => index))), indexes.filter(isRefused))
    for (const { index, message } of dead) assert.match(message, new RegExp(`400.*no mapping for ${String(index)}$`))
  })

  it('shows what happened, and sends what was refused again', async () => {
    // An emptied Redis has forgotten the retries before it.
    const haveRetried = async (): Promise<boolean> => {
      if ((await scene.status()).every(({ retried }) => retried > 0)) return true
      receivers.fail('unavailable', 10)
      await append()
      return false
    }
    await waitFor('retries of both sinks', haveRetried, { progress, everyMs: 1_000 })
    receivers.recover()
    await waitFor('sinks that have delivered everything', async () => {
      const rows = await scene.status()
      const isDone = rows.every(({ lag, state }) => lag === 0 && state === 'running')
      return isDone && rows.map(({ sink }) => sink).join() === 'hook,search'
    })
    // What was refused before Redis was emptied is only in the dead letters.
    receivers.isRefused = () => false
    const { size } = receivers.webhook
    assert.match(await scene.command('dead', 'list', 'hook'), /400/)
    assert.match(await scene.command('dead', 'redrive', 'hook', '--all'), /^[1-9]\d* batch(es)? goe?s? to hook again\n$/)
    await waitFor('a refused alert', () => receivers.webhook.size > size)
    const doctor = await scene.doctor()
    assert.match(doctor, /^(ok|warning) +sink hook \(webhook\): /m)
    assert.match(doctor, /^(ok|warning) +sink search \(opensearch\): /m)
    assert.match(await scene.command('test', 'hook'), /^hook: alert [0-9a-f]{32} delivered in \d+ ms\n$/)
  })
})

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b)
}
