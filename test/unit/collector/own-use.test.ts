// The reported resource use of the collector, and when it delays work: with a process whose use the test sets.
import assert from 'node:assert/strict'
import { LimitedHashes, OPTIONAL_WORK, OwnUse, type UseLimits } from '../../../collector/own-use.js'
import type { ExecutableHashes } from '../../../collector/executables/executable-hashes.js'
import type { ProcessImage } from '../../../collector/processes/process-entry.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { TaskFacts } from '../../../collector/ring-events/task-facts.js'

const NO_LIMITS: UseLimits = { cpuPercent: null, memoryBytes: null }
const MIB = 1 << 20

describe('own use', () => {
  let now = { cpuUs: 0, memoryBytes: 100 * MIB, nowMs: 0 }
  let warnings = 0
  let opened: OwnUse | undefined
  const log = { ...SILENT_LOGGER, warn: () => void warnings++ }
  const reader = { cpuUs: () => now.cpuUs, memoryBytes: () => now.memoryBytes, nowMs: () => now.nowMs }
  const open = (limits: Partial<UseLimits>): OwnUse => (opened = new OwnUse({ ...NO_LIMITS, ...limits }, log, reader))
  /** Seconds in each of which the process uses so much of a core. */
  const pass = (use: OwnUse, seconds: number, cpuPercent: number): void => {
    for (let second = 0; second < seconds; second++) {
      now = { ...now, cpuUs: now.cpuUs + cpuPercent * 10_000, nowMs: now.nowMs + 1000 }
      use.measure()
    }
  }
  beforeEach(() => {
    now = { cpuUs: 0, memoryBytes: 100 * MIB, nowMs: 0 }
    warnings = 0
  })
  afterEach(() => opened?.close())

  it('covers the last ten seconds', () => {
    const use = open({})
    pass(use, 30, 80)
    assert.equal(use.counters()['own.cpuPercent'], 80)
    pass(use, 5, 20)
    assert.equal(use.counters()['own.cpuPercent'], 50)
    pass(use, 5, 20)
    assert.equal(use.counters()['own.cpuPercent'], 20)
    assert.equal(use.counters()['own.memoryBytes'], 100 * MIB)
  })

  it('has no bound without limits', () => {
    const use = open({})
    pass(use, 20, 400)
    assert.ok(OPTIONAL_WORK.every((work) => use.may(work)))
    assert.deepEqual([use.counters()['own.isOverLimit'], warnings], [0, 0])
  })

  it('defers work above the CPU limit, counts it, and logs that once', () => {
    const use = open({ cpuPercent: 50 })
    pass(use, 10, 50)
    assert.ok(use.may('hashes'), 'at the limit')
    pass(use, 10, 51)
    assert.deepEqual([use.may('hashes'), use.may('hashes'), use.may('procReads')], [false, false, false])
    const counters = use.counters()
    assert.deepEqual([counters['own.putOff.hashes'], counters['own.putOff.procReads'], counters['own.isOverLimit'], warnings], [2, 1, 1, 1])
  })

  it('resumes work once the use is well below the limit', () => {
    const use = open({ cpuPercent: 50 })
    pass(use, 20, 60)
    pass(use, 20, 46)
    assert.equal(use.may('hashes'), false, 'within a tenth of the limit')
    const over = use.counters()['own.secondsOverLimit']
    pass(use, 20, 44)
    assert.equal(use.may('hashes'), true)
    assert.ok((over ?? 0) > 20 && (use.counters()['own.secondsOverLimit'] ?? 0) < 50)
  })

  it('defers work above the memory limit', () => {
    const use = open({ memoryBytes: 200 * MIB })
    now.memoryBytes = 201 * MIB
    pass(use, 1, 0)
    assert.equal(use.may('procReads'), false)
    now.memoryBytes = 100 * MIB
    pass(use, 1, 0)
    assert.equal(use.may('procReads'), true)
  })
})

describe('hashes of executables under a limit', () => {
  it('are requested while work is allowed, and returned when known', () => {
    const asked: string[] = []
    let known: string | null = null
    let may = true
    const hashes: ExecutableHashes = {
      generation: 7,
      of: () => known,
      executed: () => void asked.push('executed'),
      running: () => void asked.push('running'),
      beginBatch: () => void asked.push('batch'),
    }
    const limited = new LimitedHashes(hashes, { may: () => may })
    const image = { facts: new TaskFacts() } as ProcessImage
    limited.executed(image)
    may = false
    limited.executed(image)
    limited.running(image)
    limited.beginBatch()
    known = 'ab'
    limited.executed(image)
    assert.deepEqual(asked, ['executed', 'batch', 'executed'])
    assert.deepEqual([limited.of(image.facts), limited.generation], ['ab', 7])
  })
})
