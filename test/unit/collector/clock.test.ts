// Boot time to wall time while clocks step, drift, and stand still in a suspend.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClockReader, FollowedClock, RecordedClock, SystemClocks } from '../../../collector/clock.js'

/** Clocks in the hands of a test: each reading of the wall clock takes a tenth of a millisecond, and it has a millisecond's resolution. */
class FakeClocks implements ClockReader {
  boot = 1_000_000
  offset = 1_759_000_000_123_456

  wallUs(): number {
    this.boot += 100
    return Math.floor((this.boot + this.offset) / 1000) * 1000
  }
  bootUs(): number {
    return this.boot
  }
}

/** How far the clock is from the truth, microseconds. */
const errorOf = (clock: FollowedClock, fake: FakeClocks): number => Math.abs(clock.wallOf(fake.boot) - (fake.boot + fake.offset))

describe('wall time of an event', () => {
  it('is exact to less than the resolution of the wall clock', () => {
    const fake = new FakeClocks()
    assert(errorOf(new FollowedClock(fake), fake) <= 200)
  })

  it('does not jitter while clocks only tick', () => {
    const fake = new FakeClocks()
    const clock = new FollowedClock(fake)
    const before = clock.wallOf(0)
    for (let second = 0; second < 100; second++) {
      fake.boot += 999_977
      clock.refresh()
    }
    assert.equal(clock.wallOf(0), before)
    assert.equal(clock.steps, 0)
  })

  for (const [what, stepUs] of [
    ['forward by an hour', 3_600_000_000],
    ['backward by five milliseconds', -5000],
  ] as const) {
    it(`follows a wall clock that steps ${what}, and counts the step`, () => {
      const fake = new FakeClocks()
      const clock = new FollowedClock(fake)
      fake.offset += stepUs
      clock.refresh()
      assert(errorOf(clock, fake) <= 200)
      assert.equal(clock.steps, 1)
    })
  }

  it('stays right while the wall clock drifts', () => {
    const fake = new FakeClocks()
    const clock = new FollowedClock(fake)
    for (let second = 0; second < 1000; second++) {
      fake.boot += 1_000_000
      fake.offset += 50
      clock.refresh()
      assert(errorOf(clock, fake) <= 3200, `${String(errorOf(clock, fake))} µs off`)
    }
  })

  it('is the recorded one for a recording', () => {
    assert.equal(new RecordedClock(1000).wallOf(5), 1005)
  })
})

describe('clocks of this host', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-uptime-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('agree with /proc/uptime', () => {
    const uptime = join(folder, 'uptime')
    const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)
    const roundingUs = 10_000
    for (const suspendedUs of [7_200_000_000, 0]) {
      const leastUs = monotonicUs() + suspendedUs - roundingUs
      writeFileSync(uptime, `${((monotonicUs() + suspendedUs) / 1_000_000).toFixed(2)} 0.00\n`)
      const bootUs = new SystemClocks(uptime).bootUs()
      assert(bootUs >= leastUs && bootUs <= monotonicUs() + suspendedUs + roundingUs, `${String(suspendedUs)} µs of suspend`)
    }
  })

  it('are whole microseconds for any uptime: records have no fractions', () => {
    const uptime = join(folder, 'uptime')
    const seconds = Math.ceil(Number(process.hrtime.bigint() / 1_000_000_000n)) + 100
    for (let hundredths = 0; hundredths < 100; hundredths++) {
      const text = `${String(seconds)}.${String(hundredths).padStart(2, '0')}`
      writeFileSync(uptime, `${text} 0.00\n`)
      assert.ok(Number.isSafeInteger(new SystemClocks(uptime).bootUs()), text)
    }
  })

  it('work without /proc/uptime', () => {
    assert(new SystemClocks(join(folder, 'none')).bootUs() > 0)
  })
})
