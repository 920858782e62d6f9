// Ring records of a collector whose only readers are the functions of this process: what nobody needs is not published, and stays in the ledger.
import assert from 'node:assert/strict'
import { eventScreen } from '../../../assembly/event-screen.js'
import { NO_HASHES } from '../../../collector/executables/executable-hashes.js'
import { KIND, KIND_MAX } from '../../../native/generated/layout.js'
import { RuleScreen } from '../../../processors/functions/detect/rule-screen.js'
import { cgroupKey } from '../../../processors/membership/membership-key.js'
import { CALL_NUMBERS } from '../../../schemas/generated/calls.js'
import type { Evaluator } from '../../../processors/rule-engine/evaluate/evaluator.js'
import { FunctionBench } from '../../support/load/function-bench.js'
import { BOOT_ID, CPUS, HOST_ID, RecordBench, USERS } from '../../support/records/record-bench.js'
import { execRecord, execRefusedRecord, exitRecord, forkRecord, openRecord, taskRecord } from '../../support/records/ring-records.js'
import { evaluatorOf } from '../../support/records/test-rules.js'

const CONTAINER = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'
const SHELL = { pid: 50, startNs: 2_000_000_000n }
const CHILD = { pid: 77, startNs: 3_000_000_000n }
const FACTS = { parentPid: 50, parentStartNs: SHELL.startNs }
const ORIGIN = { hostId: HOST_ID, bootId: BOOT_ID }

const rule = (condition: string): string => `
- rule: of the test
  desc: a rule
  condition: ${condition}
  output: found %proc.name
  priority: WARNING
`

describe('the screen of events in run', () => {
  let functions: FunctionBench
  let evaluator: Evaluator
  let bench: RecordBench
  let seq = 0n

  async function start(condition: string): Promise<void> {
    seq = 0n
    functions = new FunctionBench()
    evaluator = evaluatorOf(rule(condition))
    const screen = new RuleScreen(functions.codec, { current: () => evaluator }, functions.membership)
    bench = await RecordBench.open({}, USERS, undefined, NO_HASHES, eventScreen(screen, ORIGIN))
    await bench.seed(taskRecord(SHELL, { comm: 'sh', parentPid: 1 }, { args: ['sh'], exePath: '/bin/sh' }))
  }

  /** The life of a process that runs a program. */
  function live(program: string, cgroupId = 0n): void {
    const header = { pid: 1000 + Number(seq), startNs: 3_000_000_000n + seq, cgroupId }
    bench.security(
      forkRecord({ ...header, seq: ++seq }, { ...FACTS, comm: 'sh' }),
      execRecord({ ...header, seq: ++seq }, { ...FACTS, comm: program }, { args: [program], exePath: `/bin/${program}` }),
      exitRecord({ ...header, seq: ++seq }, 0),
    )
  }

  const published = (): string[] =>
    bench.processEvents.flatMap(({ type, process }) => (type === 'snapshot' ? [] : [`${type} ${process.name}`]))

  it('keeps back forks, exits and programs that no rule is about, and accounts for them', async () => {
    await start('evt.type=execve and proc.name=wanted')
    live('wanted')
    live('other')
    assert.deepEqual(published(), ['exec wanted'])
    const counts = (): number[] => new Array<number>(KIND_MAX).fill(0)
    const counters = Array.from({ length: CPUS }, () => ({ seq: [], emitted: counts(), dropped: counts(), suppressed: counts() }))
    for (const kind of [KIND.fork, KIND.exec, KIND.exit]) Object.assign(counters[0]?.emitted ?? [], { [kind]: 2 })
    bench.log.ack()
    const accounts = bench.ledger.accounts(counters).filter(({ cpu }) => cpu >= 0)
    assert.deepEqual(
      accounts.map(({ kind, emitted, published: safe, suppressed, inFlight }) => [kind, emitted, safe, suppressed, inFlight]),
      [
        ['fork', 2, 0, 2, 0],
        ['exec', 2, 1, 1, 0],
        ['exit', 2, 0, 2, 0],
      ],
    )
    assert.equal(bench.pipeline.suppressed, 5)
    assert.equal(bench.safe[0], bench.positions[0], 'the ring is free')
  })

  it('still knows who the processes are that nobody needed', async () => {
    await start('evt.type=open and fd.name=/etc/shadow')
    bench.security(
      forkRecord({ ...CHILD, seq: 1n }, { ...FACTS, comm: 'sh' }),
      execRecord({ ...CHILD, seq: 2n }, { ...FACTS, comm: 'cat' }, { args: ['cat', '-'], exePath: '/bin/cat' }),
    )
    const header = { ...CHILD, syscall: CALL_NUMBERS.open }
    bench.bulk(openRecord(header, { path: '/etc/passwd' }), openRecord({ ...header, seq: 2n }, { path: '/etc/shadow' }))
    assert.deepEqual(published(), [])
    const [open, ...others] = bench.fileEvents
    assert.deepEqual(
      [open?.path, open?.process.args, open?.process.ancestors[0]?.name, others.length],
      ['/etc/shadow', ['cat', '-'], 'sh', 0],
    )
  })

  it('lets exits through from the moment at which a rule is about them', async () => {
    await start('evt.type=execve and proc.name=wanted')
    live('a')
    assert.deepEqual(published(), [])
    evaluator = evaluatorOf(rule('evt.type=procexit and proc.name=a'))
    live('a')
    live('b')
    assert.deepEqual(published(), ['exit a'])
    evaluator = evaluatorOf(rule('evt.type in (clone, clone3, fork, vfork)'))
    live('a')
    assert.deepEqual(published(), ['exit a', 'fork sh'])
  })

  describe('of opens that are repeated', () => {
    let encoded = 0
    /** Opens by one process; the first two fill its caches. */
    async function opens(condition: string): Promise<(header?: object, path?: string) => boolean> {
      await start(condition)
      const { mayMatch } = bench.context.screen ?? assert.fail()
      Object.assign(bench.context.screen ?? {}, { mayMatch: (...args: Parameters<typeof mayMatch>) => (encoded++, mayMatch(...args)) })
      const open = (header: object = {}, path = '/etc/passwd'): boolean => {
        encoded = 0
        const more = { seq: ++seq, bootNs: 5_000_000_000n + seq }
        bench.bulk(openRecord({ ...SHELL, syscall: CALL_NUMBERS.open, ...more, ...header }, { path }))
        return encoded > 0
      }
      open()
      open()
      return open
    }

    it('encodes only the first, until the rules change, and counts all', async () => {
      const open = await opens('evt.type=open and fd.name=/etc/shadow')
      open()
      assert.deepEqual([open(), open(), open({ cpu: 2 })], [false, false, false])
      assert.equal(bench.pipeline.suppressed, 6)
      assert.equal(evaluator.statistics?.events, 6)
      evaluator = evaluatorOf(rule('evt.type=open and fd.name=/etc/passwd'))
      assert.equal(open(), true)
      assert.equal(bench.fileEvents.length, 1)
    })

    it('takes none for another one', async () => {
      const open = await opens('evt.type=open and fd.name=/etc/shadow')
      open()
      const others = [{ result: 5 }, { tid: 51 }, { uid: 7 }, { euid: 7 }, { cgroupId: 3n }, { syscall: CALL_NUMBERS.openat }, { flags: 2 }]
      for (const other of others)
        assert.equal(
          open(other),
          true,
          JSON.stringify(other, (_, value: unknown) => String(value)),
        )
      assert.equal(open({}, '/etc/passwx'), true)
      assert.equal(open({ result: -2 }), true)
      assert.equal(open({ result: -2 }), true, 'the path of a failed call depends on the mounts')
      open({}, '/etc/shadow')
      open({}, '/etc/shadow')
      assert.equal(bench.fileEvents.length, 2)
    })

    it('encodes each while a rule about opens reads what differs', async () => {
      for (const condition of ['evt.rawtime > 5', 'proc.duration > 9223372036854775807', 'evt.num = 3', 'evt.cpu = 3']) {
        const open = await opens(`evt.type=open and fd.name=/etc/shadow and ${condition}`)
        open()
        assert.deepEqual([open(), open()], [true, true], condition)
      }
      const open = await opens('evt.type=execve and evt.cpu = 3')
      assert.equal(open(), false, 'no rule is about opens')
    })
  })

  it('has refused programs for rules about programs', async () => {
    await start('evt.type=execve and evt.failed=true')
    const header = { ...SHELL, syscall: CALL_NUMBERS.execve, result: -2 }
    bench.security(execRefusedRecord(header, ['/bin/absent'], '/bin/absent'))
    assert.deepEqual(published(), ['exec sh'])
  })

  it('lets the events of a container through until its place is known', async () => {
    await start('evt.type=execve and proc.name=wanted')
    bench.containers.put(9n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
    live('a', 9n)
    assert.deepEqual(published(), ['fork sh', 'exec a', 'exit a'])
    const key = cgroupKey(ORIGIN, '9')
    await functions.store.write([{ key, bootTimeUs: 1, value: Buffer.from(CONTAINER) }])
    await functions.membership.fetch([key], () => undefined)
    live('a', 9n)
    assert.equal(published().length, 3)
  })
})
