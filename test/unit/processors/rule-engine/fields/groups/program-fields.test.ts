// Fields of what a process runs: by proof of the kernel, and by every name.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { EXE_FLAGS } from '../../../../../../schemas/generated/exe-flags.js'
import type { Ancestor, Process } from '../../../../../../schemas/generated/types.js'
import { sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'
import { fieldRows, fieldValue } from '../../../../../support/records/field-values.js'

const { known, local, rootOwned, hostRoot, hostNamespace, rootNamespace, lowerLayer, hostMounted, interpreted, steered, sharedWrite } =
  EXE_FLAGS
const { inMemory, unlinked, shellFile } = EXE_FLAGS
const ON_HOST = known | local | rootOwned | hostRoot | hostNamespace | rootNamespace
const IN_IMAGE = known | local | lowerLayer | hostMounted | rootNamespace

const of = (change: Partial<Process>): RuleRecord => ({
  topic: 'process',
  record: sampleProcessEvent({ process: sampleProcess({ containerId: null, containerClaim: null, ...change }) }),
})
const ancestor = (name: string, exePath: string, exeFlags: number, program: string | null = null): Ancestor => {
  return { pid: 5, startBootUs: 1, name, exe: name, exePath, exeFlags, program }
}

describe('the program of a process', () => {
  fieldRows(of({ name: 'x', exePath: '/usr/bin/dpkg', exeFlags: ON_HOST, exeUid: 0, exeMode: 0o100755 }), [
    ['proc.program', 'dpkg'],
    ['proc.host_program', 'dpkg'],
    ['proc.exe_origin', 'host'],
    ['proc.exe_uid', 0],
    ['proc.exe_mode', 0o755],
    ['proc.is_exe_steered', false],
    ['proc.is_exe_in_memory', false],
    ['proc.is_exe_unlinked', false],
    ['proc.is_shell_steered', false],
    ['proc.script', undefined],
  ])
  fieldRows(of({ name: 'x', exePath: '/mnt/x', exeFlags: known | inMemory | unlinked | steered | shellFile, exeMode: 0o104755 }), [
    ['proc.exe_mode', 0o4755],
    ['proc.is_exe_in_memory', true],
    ['proc.is_exe_unlinked', true],
    ['proc.is_shell_steered', true],
  ])
  fieldRows(of({ name: 'x', exePath: null, exeFlags: 0, exeMode: null }), [
    ['proc.exe_mode', undefined],
    ['proc.is_exe_in_memory', undefined],
    ['proc.is_exe_unlinked', undefined],
    ['proc.is_shell_steered', undefined],
  ])
  fieldRows(of({ name: 'dpkg', exePath: '/usr/bin/dpkg', containerId: 'c', exeFlags: IN_IMAGE }), [
    ['proc.program', 'dpkg'],
    ['proc.host_program', undefined],
    ['proc.exe_origin', 'image'],
  ])
  fieldRows(of({ name: 'dnf', exePath: '/usr/bin/python3', program: '/usr/bin/dnf-3', exeFlags: ON_HOST | interpreted }), [
    ['proc.program', undefined],
    ['proc.script', '/usr/bin/dnf-3'],
    ['proc.aprogram[0]', undefined],
  ])

  for (const [what, change] of [
    ['in a temporary folder', { exePath: '/tmp/dpkg', exeFlags: ON_HOST }],
    ['that others may write', { exePath: '/usr/bin/dpkg', exeFlags: ON_HOST | sharedWrite }],
    ['with LD_PRELOAD', { exePath: '/usr/bin/dpkg', exeFlags: ON_HOST | steered }],
    ['of which nothing is known', { exePath: '/usr/bin/dpkg', exeFlags: 0 }],
    ['that is a script', { exePath: '/usr/bin/cat', program: '/opt/sshd', exeFlags: ON_HOST | interpreted }],
    [
      'that is a script of a container',
      { exePath: '/usr/bin/cat', program: '/opt/sshd', containerId: 'c', exeFlags: IN_IMAGE | interpreted },
    ],
    ['of the host, started from a container', { exePath: '/usr/bin/dpkg', containerClaim: 'c', exeFlags: ON_HOST & ~hostNamespace }],
  ] as const) {
    it(`has no name when it is one ${what}`, () => {
      const event = of({ name: 'dpkg', ...change })
      for (const field of ['proc.program', 'proc.host_program', 'proc.exe_origin']) assert.equal(fieldValue(field, event), undefined, field)
    })
  }
})

describe('the programs of ancestors', () => {
  const line = [
    ancestor('sh', '/usr/bin/dash', ON_HOST),
    ancestor('apt', '/tmp/apt', ON_HOST),
    ancestor('x', '/usr/bin/python3', ON_HOST | interpreted, '/usr/bin/ansible'),
  ]
  fieldRows(of({ ancestors: line }), [
    ['proc.pprogram', 'dash'],
    ['proc.aprogram', ['dash']],
    ['proc.aprogram[2]', undefined],
    ['proc.aprogram[3]', undefined],
    ['proc.ahost_program[1]', 'dash'],
    ['proc.aexe_origin', ['host']],
    ['proc.pexe_origin', 'host'],
    ['proc.pnames', ['sh', 'dash']],
    ['proc.anames', ['sh', 'dash', 'apt', 'x', 'python3', 'ansible']],
  ])
  it('are absent when none is proven', () => {
    assert.equal(fieldValue('proc.aprogram', of({ ancestors: line.slice(1, 2) })), undefined)
    assert.equal(fieldValue('proc.aprogram', of({ ancestors: [] })), undefined)
  })
})

describe('the names of a process', () => {
  const names = (change: Partial<Process>): unknown => fieldValue('proc.names', of({ ancestors: [], ...change }))
  it('are those of command, executable and first argument', () => {
    assert.deepEqual(names({ name: 'x', exePath: '/tmp/nsenter', args: ['/opt/[kworker]', '-t'] }), ['x', 'nsenter', '[kworker]'])
  })
  it('are also cut as the kernel cuts command names', () => {
    assert.deepEqual(names({ name: 'y', exePath: '/a/iptables-legacy-restore', args: [] }), [
      'y',
      'iptables-legacy-restore',
      'iptables-legacy',
    ])
  })
  it('include what a dynamic linker or busybox was given, and the script', () => {
    assert.deepEqual(names({ name: 'l', exePath: '/usr/lib/ld-linux-x86-64.so.2', args: ['l', '--argv0', '/usr/bin/nmap', '-sS'] }), [
      'l',
      'ld-linux-x86-64.so.2',
      'ld-linux-x86-64',
      'nmap',
    ])
    assert.deepEqual(names({ name: 'busybox', exePath: '/bin/busybox', args: ['busybox', 'nsenter', '-t'] }), ['busybox', 'nsenter'])
    assert.deepEqual(names({ name: 'cat', exePath: '/bin/busybox', args: ['cat', '/etc/passwd'] }), ['cat', 'busybox'])
    assert.deepEqual(names({ name: 'p', exePath: '/usr/bin/perl', program: '/tmp/les.sh', args: ['perl', 'x'] }), ['p', 'perl', 'les.sh'])
  })
})
