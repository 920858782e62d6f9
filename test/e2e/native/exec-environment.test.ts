// The environment of an exec as the programs read it: the requested variables, and not a byte of anything else.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { ProbeUnavailableError } from '../../../native/requirements.js'
import { execOf } from './kernel-records.js'
import { openSession, useWatch } from './watch.js'
import { Workloads } from './workload.js'

const [READ, TRUNCATED] = [1, 2]
const VARIABLE_BYTES = 1024
/** What the tests of lengths request: over one session. */
const NAMES = ['A*', 'LAST', 'LD_*', 'V*']

describe('the environment of an exec', () => {
  const watch = useWatch()
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  /** The environment in the record of one exec with these variables. */
  function environmentOf(environmentNames: readonly string[], variables: readonly string[]) {
    const program = workloads.program('exec-self')
    // env -i of coreutils keeps the order, and takes what is no NAME=value of node.
    const { records } = watch(
      (cgroup) => spawnSync('/usr/bin/env', ['-i', ...variables, program, cgroup.procs, 'path', '/bin/true', 'true']),
      { environmentNames },
    )
    const [record, ...more] = records.filter(({ kind }) => kind === KIND.exec)
    assert(record !== undefined, 'no exec')
    assert.equal(more.length, 0)
    const { environment, environmentFlags, exePath } = execOf(record)
    assert.equal(exePath, '/usr/bin/true', 'the path before it is complete')
    return { environment, environmentFlags, bytes: record.bytes.toString('latin1') }
  }

  it('is not read when no variable is requested', () => {
    const { environment, environmentFlags, bytes } = environmentOf([], ['PATH=/bin', 'CANARY=tweet'])
    assert.deepEqual([environment, environmentFlags], [[], 0])
    assert(!bytes.includes('tweet'))
  })

  it('has the requested names or prefixes in their order, and nothing else is in the record', () => {
    const variables = ['PATH=/bin', 'LD_PRELOAD=/tmp/x.so', 'PATHS=tweet', 'LD_=', 'CANARY=tweet', 'HOME=/root', 'XPATH=tweet', 'NO_VALUE=']
    const { environment, environmentFlags, bytes } = environmentOf(['PATH', 'LD_*', 'NO_VALUE'], variables)
    assert.deepEqual(environment, ['PATH=/bin', 'LD_PRELOAD=/tmp/x.so', 'LD_=', 'NO_VALUE='])
    assert.equal(environmentFlags, READ)
    assert(!bytes.includes('tweet'))
  })

  it('has all with * alone; values of secrets only when they are named', () => {
    const secrets = [
      'KEY',
      'SSH_AUTH_SOCK',
      'github_token',
      'PGPASSWORD',
      'Passphrase',
      'AWS_SECRET_ID',
      'X_CREDENTIALS_Y',
      'APIKEY_',
      'MONKEYS',
    ]
    const { environment, bytes } = environmentOf(
      ['*', 'NAMED_TOKEN'],
      [...secrets.map((name) => `${name}=tweet`), 'NAMED_TOKEN=plain', 'PLAIN=the KEY=TOKEN', 'EMPTY_KEY=', 'KE_Y=plain'],
    )
    assert.deepEqual(environment, [
      ...secrets.map((name) => `${name}=***`),
      'NAMED_TOKEN=plain',
      'PLAIN=the KEY=TOKEN',
      'EMPTY_KEY=***',
      'KE_Y=plain',
    ])
    assert(!bytes.includes('tweet'))
  })

  it('cuts and marks long values, and continues after them', () => {
    const { environment, environmentFlags } = environmentOf(NAMES, [`A=${'x'.repeat(5000)}`, `B=${'y'.repeat(5000)}`, 'LAST=1'])
    assert.deepEqual(environment, [`A=${'x'.repeat(VARIABLE_BYTES - 3)}`, 'LAST=1'])
    assert.equal(environmentFlags, READ | TRUNCATED)
  })

  it('keeps a value of exactly the limit, and does not mark it as cut', () => {
    const value = `A=${'x'.repeat(VARIABLE_BYTES - 3)}`
    const { environment, environmentFlags } = environmentOf(NAMES, [value, 'LAST=1'])
    assert.deepEqual(environment, [value, 'LAST=1'])
    assert.equal(environmentFlags, READ)
  })

  it('does not take the rest of a long value for a variable', () => {
    const { environment } = environmentOf(NAMES, [`B=${'x'.repeat(VARIABLE_BYTES - 3)}LD_PRELOAD=forged`, 'LD_REAL=1'])
    assert.deepEqual(environment, ['LD_REAL=1'])
  })

  it('is cut at its limit, and marked', () => {
    const variables = Array.from({ length: 40 }, (_, index) => `V${String(index)}=${'x'.repeat(400)}`)
    const { environment, environmentFlags } = environmentOf(NAMES, variables)
    assert.deepEqual(environment, variables.slice(0, environment.length))
    const bytes = environment.join('\0').length + 1
    assert(bytes >= 7168 && bytes < 7168 + VARIABLE_BYTES, `${String(bytes)} bytes`)
    assert.equal(environmentFlags, READ | TRUNCATED)
  })

  it('is refused for names that the programs can not compare', () => {
    for (const name of ['A*B', '*A', 'A=B', '', 'x'.repeat(64), 'A B']) {
      assert.throws(() => openSession({ environmentNames: [name] }), ProbeUnavailableError, name)
    }
    assert.throws(
      () => openSession({ environmentNames: Array.from({ length: 65 }, (_, index) => `A${String(index)}`) }),
      ProbeUnavailableError,
    )
  })
})
