// A copy of itself that a container runtime starts stays that runtime; nothing else does.
import assert from 'node:assert/strict'
import { keepOrigin } from '../../../../collector/processes/copied-program.js'
import { ProcessEntry, ProcessImage } from '../../../../collector/processes/process-entry.js'
import { NO_LEADERS, Lineage } from '../../../../collector/processes/lineage.js'
import { textsOf, type ProcessTexts } from '../../../../collector/processes/process-texts.js'
import { TaskFacts } from '../../../../collector/ring-events/task-facts.js'
import { EXE_FLAGS } from '../../../../schemas/generated/exe-flags.js'

const { known, local, rootOwned, hostRoot, hostNamespace, rootNamespace, memfd, unlinked, foreignMount, steered, interpreted, copy } =
  EXE_FLAGS
const { runtimePath } = EXE_FLAGS
const TRUSTED = known | local | rootOwned | hostRoot | hostNamespace | rootNamespace
const MEMORY = known | local | memfd | unlinked | foreignMount | hostNamespace

const texts = (exePath: string): ProcessTexts => textsOf(new Uint8Array(0), 0, Buffer.from(exePath), null)

const SIZE = 14_000_000

function factsWith(exeFlags: number, exeSize = SIZE): TaskFacts {
  const facts = new TaskFacts()
  facts.exeFlags = exeFlags
  facts.exeSize = exeSize
  return facts
}

function running(exePath: string, exeFlags: number): ProcessImage {
  const state = { facts: factsWith(exeFlags), texts: texts(exePath), leaders: NO_LEADERS, execCount: 1 }
  return new ProcessImage(new ProcessEntry(7, 1, 'fork'), 0, { ...state, lineage: new Lineage([], new Uint8Array(0)) })
}

/** Flags and program after an exec. */
function after(before: ProcessImage | null, exeFlags: number, euid = 0, exeSize = SIZE): [flags: number, program: string | null] {
  const facts = factsWith(exeFlags, exeSize)
  const { program } = keepOrigin(before, facts, euid, texts('/memfd:runc_cloned:/proc/self/exe'))
  return [facts.exeFlags, program === null ? null : Buffer.from(program).toString()]
}

const runc = running('/usr/sbin/runc', TRUSTED)

describe('a program from memory', () => {
  it('is the program of the host that ran before it in the process', () => {
    assert.deepEqual(after(runc, MEMORY), [TRUSTED | copy | memfd, '/usr/sbin/runc'])
    assert.deepEqual(after(runc, known | local | rootOwned | foreignMount | hostNamespace), [TRUSTED | copy, '/usr/sbin/runc'])
  })

  for (const [what, before] of [
    ['nothing that is known', null],
    ['sudo, which runs what it is told to', running('/usr/bin/sudo', TRUSTED)],
    ['env', running('/usr/bin/env', TRUSTED)],
    ['dockerd', running('/usr/bin/dockerd', TRUSTED)],
    ['a program in /tmp', running('/tmp/runc', TRUSTED)],
    ['a program of a user', running('/usr/sbin/runc', TRUSTED & ~rootOwned)],
    ['a program with LD_PRELOAD', running('/usr/sbin/runc', TRUSTED | steered)],
    ['a program of an image', running('/usr/sbin/runc', known | local | EXE_FLAGS.lowerLayer | rootNamespace)],
  ] as const) {
    it(`is not trusted after ${what}`, () => assert.deepEqual(after(before, MEMORY), [MEMORY, null]))
  }

  it('is not trusted in another mount namespace, of another user, or with LD_PRELOAD', () => {
    assert.deepEqual(after(runc, MEMORY & ~hostNamespace), [MEMORY & ~hostNamespace, null])
    assert.deepEqual(after(runc, MEMORY, 1000), [MEMORY, null])
    assert.deepEqual(after(runc, MEMORY | steered), [MEMORY | steered, null])
  })

  it('is no copy when its size is another, or a script is run from memory', () => {
    assert.deepEqual(after(runc, MEMORY, 0, SIZE - 1), [MEMORY, null])
    assert.deepEqual(after(runc, MEMORY | interpreted), [MEMORY | interpreted, null])
  })

  it('is no copy where the executable has a name', () => {
    assert.deepEqual(after(runc, known | local | hostNamespace), [known | local | hostNamespace, null])
  })
})

describe('the library path that containerd sets', () => {
  const FROM_CONTAINERD = TRUSTED | steered | runtimePath

  for (const path of ['/usr/bin/containerd', '/usr/bin/containerd-shim-runc-v2', '/usr/sbin/runc'])
    it(`does not steer what ${path} starts`, () => {
      assert.equal(after(running(path, TRUSTED), FROM_CONTAINERD)[0] & steered, 0)
    })

  for (const [what, before] of [
    ['nothing that is known', null],
    ['a shell of the host', running('/usr/bin/bash', TRUSTED)],
    ['a program that is named like containerd', running('/tmp/containerd', TRUSTED)],
    ['containerd with LD_PRELOAD', running('/usr/bin/containerd', TRUSTED | steered)],
    ['containerd in a container', running('/usr/bin/containerd', TRUSTED & ~hostNamespace)],
  ] as const)
    it(`steers what is started by ${what}`, () => assert.notEqual(after(before, FROM_CONTAINERD)[0] & steered, 0))

  for (const [where, flags] of [
    ['in a container', known | local | EXE_FLAGS.lowerLayer | rootNamespace],
    ['in a mount namespace of its own', TRUSTED & ~hostNamespace],
    ['in another root folder', TRUSTED & ~hostRoot],
  ] as const)
    it(`steers what runc starts ${where}`, () => {
      assert.notEqual(after(running('/usr/sbin/runc', TRUSTED), flags | steered | runtimePath)[0] & steered, 0)
    })

  it('does not steer the copy of itself that runc starts', () => {
    assert.deepEqual(after(runc, MEMORY | hostRoot | steered | runtimePath), [TRUSTED | copy | memfd, '/usr/sbin/runc'])
  })

  it('is not the only variable that may steer', () => {
    assert.notEqual(after(running('/usr/bin/containerd', TRUSTED), TRUSTED | steered)[0] & steered, 0)
  })
})
