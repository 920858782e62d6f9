// Numbers, truth values and what is known of the container, in the bytes of a record.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import type { FileEvent, Process } from '../../../../../schemas/generated/types.js'
import { sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

const open = (change: Partial<FileEvent>): RuleRecord => ({ topic: 'file', record: sampleFileEvent(change) })
const of = (process: Partial<Process>): RuleRecord => open({ process: sampleProcess(process) })
const exit: RuleRecord = { topic: 'process', record: sampleProcessEvent({ type: 'exit', syscall: 'UNKNOWN' }) }
const HOST = { containerId: null, containerClaim: null, isContainerUnknown: false }

describe('values in bytes', () => {
  const CASES: readonly (readonly [what: string, field: string, event: RuleRecord, shown: Shown])[] = [
    ['a number', 'proc.pid', of({ pid: 4_000_000 }), [4_000_000]],
    ['a number that is null', 'proc.tty', of({ tty: null }), [0]],
    ['a truth value', 'proc.is_exe_upper_layer', of({ isExeUpperLayer: true }), [1]],
    ['a truth value that is null', 'proc.is_exe_writable', of({ isExeWritable: null }), 'absent'],
    ['a user without a number', 'user.loginuid', of({ loginUid: null }), [-1]],
    ['the type', 'evt.type', open({}), ['openat']],
    ['the result', 'evt.rawres', open({ result: -13 }), [-13]],
    ['the result of an event without a call', 'evt.rawres', exit, 'absent'],
    ['the name of a result', 'evt.res', open({ result: -13 }), ['EACCES']],
    ['the name of a success', 'evt.res', open({ result: 3 }), ['SUCCESS']],
    ['a failure', 'evt.failed', open({ result: -13 }), [1]],
    ['an open for writing', 'evt.is_open_write', open({ isWrite: true }), [1]],
    ['a call that is no open', 'evt.is_open_write', open({ type: 'unlink', syscall: 'unlink', isWrite: true }), [0]],
    ['the descriptor of an open', 'fd.num', open({ result: 7 }), [7]],
    ['the descriptor of an open that failed', 'fd.num', open({ result: -13 }), [-1]],
    ['the user', 'user.name', of({ user: 'alice', uid: 1000, euid: 1000 }), ['alice']],
    ['root by a changed user', 'user.name', of({ user: 'alice', uid: 1000, euid: 0 }), ['root']],
    ['a changed user', 'user.name', of({ user: 'alice', uid: 1000, euid: 5 }), 'absent'],
    ['a standard stream', 'proc.stdin.type', of({ stdin: { type: 'ipv4', name: null } }), ['ipv4']],
    ['a standard stream without a name for its type', 'proc.stdin.type', of({ stdin: { type: 'packet', name: null } }), 'absent'],
    ['a standard stream that is closed', 'proc.stdout.type', of({ stdin: { type: 'ipv4', name: null }, stdout: null }), 'absent'],
    ['the host', 'container.id', of(HOST), ['host']],
    ['a fact on the host', 'container.image', of(HOST), 'absent'],
    ['a container', 'container.id', of({}), 'unknown'],
    ['a claim', 'container.id', of({ ...HOST, containerClaim: 'a'.repeat(64) }), 'unknown'],
    ['an unknown container', 'container.image', of({ ...HOST, isContainerUnknown: true }), 'unknown'],
    ['a connection', 'evt.rawres', { topic: 'network', record: sampleNetworkEvent({ result: -115 }) }, [-115]],
  ]
  for (const [what, field, event, shown] of CASES) it(`${what}: ${field}`, () => assert.deepEqual(shownValue(field, event), shown))
})
