import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { Breaker, Rate } from '../../../../processors/delivery/breaker.js'
import { waitFor } from '../../../support/wait-for.js'

const BACKOFF = { firstMs: 20, maxMs: 40, random: () => 1 }
const never = new AbortController().signal

describe('the circuit breaker of a sink', () => {
  it('opens after three failures in a row, and lets one probe pass at a time until one succeeds', async () => {
    const breaker = new Breaker('x', BACKOFF, SILENT_LOGGER)
    for (let failure = 1; failure <= 3; failure++) {
      assert.equal(breaker.state, 'closed')
      assert.equal(await breaker.pass(never), true)
      breaker.failed('no')
    }
    assert.equal(breaker.state, 'open')
    let passed = 0
    const waiting = Array.from({ length: 5 }, async () => {
      if (await breaker.pass(never)) passed++
    })
    await waitFor('a probe', () => passed === 1)
    assert.equal(breaker.state, 'probing')
    breaker.failed('still not')
    assert.equal(breaker.state, 'open')
    await waitFor('the next probe', () => passed === 2)
    breaker.succeeded()
    await Promise.all(waiting)
    assert.deepEqual([passed, breaker.state], [5, 'closed'])
  })

  it('lets the next one probe after a probe that had nothing to send', async () => {
    const breaker = new Breaker('x', BACKOFF, SILENT_LOGGER)
    for (let failure = 1; failure <= 3; failure++) breaker.failed('no')
    assert.equal(await breaker.pass(never), true)
    const next = breaker.pass(never)
    breaker.skipped()
    assert.equal(await next, true)
    assert.equal(breaker.state, 'probing')
    breaker.succeeded()
    breaker.skipped()
    assert.equal(breaker.state, 'closed')
  })

  it('counts only failures in a row', () => {
    const breaker = new Breaker('x', BACKOFF, SILENT_LOGGER)
    for (let round = 0; round < 5; round++) {
      breaker.failed('no')
      breaker.failed('no')
      breaker.succeeded()
    }
    assert.equal(breaker.state, 'closed')
  })

  it('opens at once when the receiver asks for a pause, and ends waits with the signal', async () => {
    const breaker = new Breaker('x', BACKOFF, SILENT_LOGGER)
    breaker.failed('too many requests', 3_600_000)
    assert.equal(breaker.state, 'open')
    const stop = new AbortController()
    const pass = breaker.pass(stop.signal)
    stop.abort()
    assert.equal(await pass, false)
    breaker.close()
  })

  it('logs an outage once, and its end once', async () => {
    const lines: string[] = []
    const note = (_: object, message: string): void => void lines.push(message)
    const breaker = new Breaker('x', BACKOFF, { ...SILENT_LOGGER, warn: note, info: note })
    for (let round = 0; round < 6; round++) breaker.failed('no')
    await breaker.pass(never)
    breaker.failed('no')
    await breaker.pass(never)
    breaker.succeeded()
    assert.deepEqual(lines, ['the receiver of a sink is unavailable: its alerts wait', 'the receiver is back'])
  })
})

describe('the rate of a sink', () => {
  it('lets a burst of one second pass, and then as many as it says', () => {
    const rate = new Rate(100)
    assert.equal(rate.take(100, 5_000), 0)
    assert.equal(rate.take(50, 5_000), 0)
    assert.equal(rate.take(50, 5_000), 500)
    assert.equal(rate.take(1, 5_000), 1_000)
    assert.equal(rate.take(1, 60_000), 0)
  })
})
