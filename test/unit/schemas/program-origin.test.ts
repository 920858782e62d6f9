// Each fact that a proof needs, taken away alone, and each that refutes it, added alone.
import assert from 'node:assert/strict'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import { originOf, programName, type ProgramFacts } from '../../../schemas/program-origin.js'

type Flag = keyof typeof EXE_FLAGS
const bits = (...names: readonly Flag[]): number => names.reduce((all, name) => all | EXE_FLAGS[name], 0)

const ON_HOST: readonly Flag[] = ['known', 'local', 'rootOwned', 'hostRoot', 'hostNamespace', 'rootNamespace']
const IN_IMAGE: readonly Flag[] = ['known', 'local', 'lowerLayer', 'hostMounted', 'rootOwned', 'rootNamespace']
const REFUTING: readonly Flag[] = ['sharedWrite', 'unlinked', 'mountRoot', 'foreignMount', 'memfd', 'steered']

const facts = (flags: number, change: Partial<ProgramFacts> = {}): ProgramFacts => ({
  flags,
  exePath: '/usr/sbin/runc',
  program: null,
  isInContainer: false,
  ...change,
})

describe('the origin of a program', () => {
  it('is the host, for a file of root in a system folder of the host', () => {
    assert.equal(originOf(facts(bits(...ON_HOST))), 'host')
    assert.equal(originOf(facts(bits(...ON_HOST, 'readOnly'))), 'host')
  })

  it('is the host, for a copy that a program of the host started from memory', () => {
    const runc = { exePath: '/memfd:runc_cloned:/proc/self/exe', program: '/usr/sbin/runc', isInContainer: true }
    assert.equal(originOf(facts(bits(...ON_HOST, 'copy', 'memfd'), runc)), 'host')
    assert.equal(originOf(facts(bits(...ON_HOST, 'memfd'), runc)), null)
    assert.equal(originOf(facts(bits(...ON_HOST, 'copy', 'memfd'), { ...runc, program: '/tmp/runc' })), null)
  })

  it('is the host for a service with a copy of its mounts, but not for a process of a container that chose the host as its root', () => {
    const sandboxed = bits('known', 'local', 'rootOwned', 'hostRoot', 'rootNamespace')
    assert.equal(originOf(facts(sandboxed)), 'host')
    assert.equal(originOf(facts(sandboxed, { isInContainer: true })), null)
    assert.equal(originOf(facts(bits(...ON_HOST), { isInContainer: true })), 'host')
  })

  for (const missing of ['known', 'local', 'rootOwned', 'rootNamespace'] as const) {
    it(`is not the host without ${missing}`, () => {
      assert.equal(originOf(facts(bits(...ON_HOST.filter((flag) => flag !== missing)))), null)
    })
  }

  it('is not proven by a root folder that is not that of the host', () => {
    assert.equal(originOf(facts(bits(...ON_HOST.filter((flag) => flag !== 'hostRoot')))), null)
  })

  for (const refuting of REFUTING) {
    it(`is not proven for what is ${refuting}`, () => {
      assert.equal(originOf(facts(bits(...ON_HOST, refuting))), null)
      assert.equal(originOf(facts(bits(...IN_IMAGE, refuting))), null)
    })
  }

  it('is the image, for a file in the lower layer only of an overlay that is mounted on the host', () => {
    assert.equal(originOf(facts(bits(...IN_IMAGE), { isInContainer: true })), 'image')
    for (const missing of ['known', 'local', 'lowerLayer', 'hostMounted'] as const)
      assert.equal(originOf(facts(bits(...IN_IMAGE.filter((flag) => flag !== missing)), { isInContainer: true })), null, missing)
  })

  for (const path of ['/tmp/runc', '/home/a/runc', '/dev/shm/runc', '/usr/../tmp/runc', '/usrx/runc', 'runc', '', null]) {
    it(`is not proven for the path ${String(path)}`, () => {
      assert.equal(originOf(facts(bits(...ON_HOST), { exePath: path })), null)
      assert.equal(originOf(facts(bits(...IN_IMAGE), { exePath: path })), null)
    })
  }

  it('is not proven for a script, whose facts are those of its interpreter', () => {
    for (const program of ['/usr/bin/dnf', '/opt/sshd', '/opt/tomcat/runc', '/tmp/dnf', './dnf']) {
      const script = { exePath: '/usr/bin/cat', program }
      assert.equal(originOf(facts(bits(...ON_HOST, 'interpreted'), script)), null)
      assert.equal(originOf(facts(bits(...IN_IMAGE, 'interpreted'), script)), null)
      assert.equal(originOf(facts(bits(...ON_HOST, 'interpreted', 'copy'), script)), null)
    }
  })
})

describe('the name of a program', () => {
  it('is the file name of the script, else of the executable', () => {
    assert.equal(programName('/usr/bin/python3', '/usr/bin/dnf'), 'dnf')
    assert.equal(programName('/usr/bin/dpkg', null), 'dpkg')
    assert.equal(programName(null, null), '')
  })
})
