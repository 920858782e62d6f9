// What facts of the kernel prove of programs, in the bytes of a record.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { resolveField } from '../../../../../processors/rule-engine/fields/catalogue.js'
import type { RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { EXE_FLAGS } from '../../../../../schemas/generated/exe-flags.js'
import type { Ancestor, Process } from '../../../../../schemas/generated/types.js'
import { sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

const { copy, hostMounted, hostNamespace, hostRoot, known, local, lowerLayer, memfd, rootNamespace, rootOwned, steered } = EXE_FLAGS
const HOST = known | local | rootOwned | hostRoot | rootNamespace | hostNamespace
const IMAGE = known | local | lowerLayer | hostMounted
const ON_HOST = { containerId: null, containerClaim: null, isContainerUnknown: false }

const ancestor = (exePath: string | null, exeFlags: number, program: string | null = null): Ancestor => {
  return { pid: 7, startBootUs: 1, name: 'a', exe: 'a', exePath, exeFlags, program }
}
const event = (change: Partial<Process>): RuleRecord => {
  return { topic: 'process', record: sampleProcessEvent({ process: sampleProcess({ ...ON_HOST, program: null, ...change }) }) }
}

/** As the evaluator reads it. */
function extracted(name: string, of: RuleRecord): Shown {
  const [, plain = name, argument = null] = /^([^[]+)\[(.*)\]$/.exec(name) ?? []
  const field = resolveField(plain, argument)
  assert.ok(!('problem' in field), name)
  const value = field.definition.extract?.({ event: of, container: { state: 'host' } }, field.argument)
  if (value === undefined) return 'absent'
  return [value].flat() as Shown
}

describe('the origin of programs in bytes', () => {
  const DPKG = { exePath: '/usr/bin/dpkg', exeFlags: HOST }
  const CASES: readonly (readonly [field: string, process: Partial<Process>, shown: Shown])[] = [
    ['proc.program', DPKG, ['dpkg']],
    ['proc.program', { ...DPKG, exeFlags: HOST | steered }, 'absent'],
    ['proc.program', { ...DPKG, exePath: '/usr/../tmp/dpkg' }, 'absent'],
    ['proc.program', { ...DPKG, exePath: '/usr/lib/..' }, 'absent'],
    ['proc.program', { ...DPKG, exePath: '/usr/lib/..x' }, ['..x']],
    ['proc.program', { ...DPKG, exePath: '/tmp/dpkg' }, 'absent'],
    ['proc.program', { ...DPKG, exePath: null }, 'absent'],
    ['proc.program', { exePath: null, exeFlags: HOST | copy | memfd, program: '/usr/bin/runc' }, ['runc']],
    ['proc.program', { exePath: '/usr/bin/apt', exeFlags: IMAGE }, ['apt']],
    ['proc.host_program', { exePath: '/usr/bin/apt', exeFlags: IMAGE }, 'absent'],
    ['proc.exe_origin', { exePath: '/usr/bin/apt', exeFlags: IMAGE }, ['image']],
    // In a container, also the mounts must be those of the host.
    ['proc.host_program', { ...DPKG, exeFlags: HOST & ~hostNamespace }, ['dpkg']],
    ['proc.host_program', { ...DPKG, exeFlags: HOST & ~hostNamespace, isContainerUnknown: true }, 'absent'],
    ['proc.host_program', { ...DPKG, exeFlags: HOST & ~hostNamespace, containerClaim: 'c' }, 'absent'],
    ['proc.pprogram', { ancestors: [ancestor('/usr/bin/make', HOST), ancestor('/bin/bash', HOST)] }, ['make']],
    ['proc.pprogram', { ancestors: [] }, 'absent'],
    ['proc.aprogram', { ancestors: [ancestor('/tmp/make', HOST), ancestor('/bin/bash', HOST), ancestor('/sbin/init', 0)] }, ['bash']],
    ['proc.aprogram[2]', { ancestors: [ancestor('/usr/bin/make', HOST), ancestor('/bin/bash', HOST)] }, ['bash']],
    ['proc.aprogram[0]', { ...DPKG, ancestors: [] }, ['dpkg']],
    ['proc.aexe_origin', { ancestors: [ancestor('/bin/sh', IMAGE), ancestor('/bin/sh', HOST)] }, ['image', 'host']],
  ]
  for (const [field, process, shown] of CASES) {
    it(`${field} of ${JSON.stringify(process)}`, () => {
      assert.deepEqual(extracted(field, event(process)), shown)
      assert.deepEqual(shownValue(field, event(process)), shown)
    })
  }

  it('is what the evaluator reads, whatever the facts are', () => {
    const bits = Object.values(EXE_FLAGS)
    const flags = fc.oneof(
      fc.constantFrom(HOST, IMAGE, HOST | copy, HOST | copy | memfd),
      fc.subarray(bits).map((some) => some.reduce((all, bit) => all | bit, 0)),
      fc.tuple(fc.constantFrom(HOST, IMAGE), fc.constantFrom(...bits)).map(([all, bit]) => all ^ bit),
    )
    const path = fc.oneof(
      fc.constantFrom(
        null,
        '',
        '/',
        '/usr',
        '/usr/',
        '/usr/bin/dpkg',
        '/usr/../x',
        '/opt/..',
        '/opt/a/..b',
        '/etc/é',
        '/nix/store/x',
        '/tmp/y',
      ),
      fc.array(fc.constantFrom('/', 'usr', 'bin', '..', '.', 'é'), { maxLength: 8 }).map((parts) => parts.join('')),
    )
    const of = fc.record({ exePath: path, exeFlags: flags, program: path })
    const container = fc.constantFrom(null, 'c')
    const process = fc.record({
      own: of,
      ancestors: fc.array(of, { maxLength: 4 }),
      containerId: container,
      containerClaim: container,
      isContainerUnknown: fc.boolean(),
    })
    const kinds = ['program', 'host_program', 'exe_origin'].flatMap((name) => [
      `proc.${name}`,
      `proc.p${name}`,
      `proc.a${name}`,
      `proc.a${name}[2]`,
    ])
    fc.assert(
      fc.property(process, fc.constantFrom(...kinds), ({ own, ancestors, ...rest }, field) => {
        const line = ancestors.map(({ exePath, exeFlags, program }) => ancestor(exePath, exeFlags, program))
        const one = event({ ...own, ...rest, ancestors: line })
        assert.deepEqual(shownValue(field, one), extracted(field, one))
      }),
      { numRuns: 2_000 },
    )
  })
})
