// The catalogue against what people write: every field that Falco's rules use, and that Falco's editors offer; and against hostile records.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { fieldsOf, fieldsOfOperand } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { FIELD_GROUPS, resolveField } from '../../../../../processors/rule-engine/fields/catalogue.js'
import type { FieldDefinition } from '../../../../../processors/rule-engine/fields/field.js'
import { familyOf, type TypeFamily } from '../../../../../processors/rule-engine/fields/field-type.js'
import { isEventName } from '../../../../../processors/rule-engine/fields/kernel-names/event-names.js'
import { RECORD_KINDS } from '../../../../../schemas/generated/calls.js'
import {
  COLLECTED_EVENT_TYPES,
  eventTypeOf,
  isEmitted,
  typesNotEmitted,
} from '../../../../../processors/rule-engine/fields/record/event-type.js'
import { RULE_TOPICS } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'
import { SYSCALL_SYMBOLS } from '../../../../../schemas/generated/types.js'
import { sharedPath } from '../../../../support/shared-folder.js'
import { ALL_KINDS, arbitraryEvent, arbitraryKnowledge } from '../../../../support/records/arbitrary-event.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

const ALL = FIELD_GROUPS.flatMap(([, fields]) => fields)

/** Fields that Falco's editors offer for events of the kernel. */
const OFFERED = `
container.id container.image container.image.digest container.image.id container.image.repository container.image.tag container.ip
container.mount container.mount.dest container.mount.mode container.mount.propagation container.mount.rdwr container.mount.source
container.mounts container.name container.privileged evt.arg evt.args evt.buffer evt.buflen evt.cpu evt.dir evt.hostname evt.is_open_exec
evt.is_open_read evt.is_open_write evt.num evt.rawres evt.res evt.time evt.type fd.cip fd.cip.name fd.cnet fd.connected fd.cport fd.dev
fd.directory fd.filename fd.ino fd.ip fd.l4proto fd.name fd.name_changed fd.nameraw fd.net fd.num fd.port fd.rnet fd.sip fd.sip.name fd.snet
fd.sockfamily fd.sport fd.type fd.typechar fs.path.name fs.path.nameraw fs.path.source fs.path.sourceraw fs.path.target fs.path.targetraw
group.gid group.name k8s.deployment.name k8s.ns.name k8s.pod.cni.json k8s.pod.id k8s.pod.ip k8s.pod.label k8s.pod.labels k8s.pod.name
k8s.rc.name k8s.rs.name k8s.svc.name proc.aexe proc.aname proc.apid proc.args proc.cmdline proc.cwd proc.duration proc.env proc.exe
proc.exepath proc.is_exe_from_memfd proc.is_exe_upper_layer proc.is_vpgid_leader proc.name proc.pcmdline proc.pexe proc.pid proc.pname
proc.ppid proc.pvpid proc.sid proc.sname proc.tty proc.vpid syscall.type thread.cap_effective thread.cap_inheritable thread.cap_permitted
thread.cgroups thread.exectime thread.ismain thread.nametid thread.tid thread.totexectime thread.vtid user.loginname user.loginuid user.name
user.uid`
  .trim()
  .split(/\s+/)

/** Those of them that no record has: they come only from the Kubernetes API, the network setup of a pod or a scheduler trace. */
const NOT_HELD = [
  'container.ip',
  'k8s.deployment.name',
  'k8s.pod.cni.json',
  'k8s.pod.ip',
  'k8s.rc.name',
  'k8s.rs.name',
  'k8s.svc.name',
  'thread.exectime',
  'thread.totexectime',
]

/** Fields that libs has for tables of sysdig, which its lists leave out, and whether records hold them. */
const OF_TABLES: Readonly<Record<string, boolean>> = {
  'evt.latency.quantized': true,
  'evt.count.procinfo': true,
  'evt.count.threadinfo': true,
  'evt.buflen.in': true,
  'evt.buflen.out': true,
  'evt.buflen.net': true,
  'evt.buflen.net.in': true,
  'evt.buflen.net.out': true,
  'evt.buflen.file': false,
  'evt.buflen.file.in': false,
  'evt.buflen.file.out': false,
  'evt.infra.docker.name': false,
  'evt.infra.docker.container.id': false,
  'evt.infra.docker.container.name': false,
  'evt.infra.docker.container.image': false,
  'thread.nametid': true,
  'thread.vmsize.b': false,
  'thread.vmrss.b': false,
}

describe('the catalogue', () => {
  it('has the 114 fields that editors of Falco rules offer, and the reason why nine of them are not available', () => {
    assert.equal(OFFERED.length, 114)
    const definitions = OFFERED.map((name) => ALL.find((field) => field.name === name) ?? assert.fail(name))
    assert.deepEqual(
      definitions.filter(({ extract }) => extract === null).map(({ name }) => name),
      NOT_HELD,
    )
  })

  it('reads all 71 fields of conditions and all 56 of outputs of the live rules of Falco', function () {
    const folder = sharedPath('corpora', 'falco')
    if (folder === null) return skipWithoutCorpora(this)
    const files = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml']
    const rules = files.flatMap((file) => loadRuleFiles([`${folder}/${file}`]).ruleSet.rules)
    const inConditions = rules.flatMap(({ condition }) => fieldsOf(condition))
    const inOutputs = rules.flatMap(({ output }) =>
      output.parts.flatMap((part) => (part.kind === 'field' ? fieldsOfOperand(part.operand) : [])),
    )
    for (const { key, definition } of [...inConditions, ...inOutputs]) assert.equal(definition.unavailable, null, key)
    assert.equal(baseNames(inConditions).size, 71)
    assert.equal(baseNames(inOutputs).size, 56)
  })

  it('has the fields that Falco knows and lists nowhere', () => {
    for (const [name, isHeld] of Object.entries(OF_TABLES)) {
      const field = resolveField(name, null)
      assert.ok(!('problem' in field), name)
      assert.equal(field.definition.extract !== null, isHeld, name)
    }
  })

  it('names every field once, with one sentence, a unit where it counts something', () => {
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length)
    for (const { name, doc, type, unit } of ALL) {
      assert.match(doc, /^[^\n]+\.$/, name)
      if (type === 'RELTIME' || type === 'ABSTIME') assert.notEqual(unit, null, name)
    }
  })

  it('reads a field, or has the reason why it does not', () => {
    for (const { name, extract, unavailable, source } of ALL) {
      assert.equal(extract === null, unavailable !== null, name)
      if (extract === null) assert.deepEqual(source, [], name)
    }
  })
})

/** Base names as RULES count them: an argument of an event by its name, all else without its argument. */
function baseNames(fields: readonly { readonly key: string; readonly definition: FieldDefinition }[]): Set<string> {
  return new Set(fields.map(({ key, definition }) => (definition.name === 'evt.arg' ? key : definition.name)))
}

/** Records of the collector itself, and of programs on other hooks than system calls, or in addition to the kind of the call, except refused execs. */
const OF_OTHER_HOOKS = ['process.fork', 'process.exec', 'process.exit', 'network.dns', 'kernel.oom_kill', 'kernel.drop']

/** Kinds of calls that are counted, and never a record. */
const COUNTED_ONLY = ['PIPE']

/** The record that a kind of the table of system calls becomes. */
function recordOfKind(name: string): string {
  if (name === 'EXEC_REFUSED') return 'process.exec'
  const type = name.toLowerCase()
  const topic = RULE_TOPICS.find((each) => type in RECORD_KINDS[each])
  return topic === undefined ? `KIND_${name}: calls.tsv?` : `${topic}.${type}`
}

describe('event types', () => {
  it('of each topic are names that rules may compare with, each in one topic', () => {
    assert.equal(new Set(COLLECTED_EVENT_TYPES).size, COLLECTED_EVENT_TYPES.length)
    for (const type of COLLECTED_EVENT_TYPES) assert.ok(isEventName(type), type)
  })

  it('cover every system call that records name, but for the two that end a process, and those that only move DNS, which has a type of its own', () => {
    const covered = new Set([...COLLECTED_EVENT_TYPES, 'exit', 'exit_group', 'read', 'write', 'readv', 'writev', 'UNKNOWN'])
    assert.deepEqual(
      SYSCALL_SYMBOLS.filter((name) => !covered.has(name)),
      [],
    )
  })

  it('are those that events of each kind have', () => {
    for (const kind of ALL_KINDS) {
      const [event] = fc.sample(arbitraryEvent(kind), 1)
      assert.equal(event === undefined ? null : eventTypeOf(event), kind.eventType)
    }
  })

  it('that the collector makes today leave out what no probe makes', () => {
    assert.ok(isEmitted('execve') && isEmitted('openat'))
    assert.deepEqual(typesNotEmitted(['openat', 'ptrace', 'pipe']), ['pipe'])
  })

  it('that the collector makes today are those of the records of its kernel programs', () => {
    const table = readFileSync(join(packageRoot(), 'bpf/kernel-call/call_kinds.bpf.h'), 'utf8')
    const kinds = new Set([...table.matchAll(/= KIND_([A-Z_]+),/g)].map(([, name = '']) => name))
    for (const name of COUNTED_ONLY) assert.ok(kinds.delete(name), name)
    const ofCalls = [...kinds].map(recordOfKind)
    const ofKernel = [...OF_OTHER_HOOKS, ...ofCalls]
    const emitted = Object.entries(RECORD_KINDS).flatMap(([topic, kinds]) =>
      Object.entries(kinds).flatMap(([type, names]) => (names.some(isEmitted) ? `${topic}.${type}` : [])),
    )
    assert.deepEqual([...new Set(ofKernel)].sort(), emitted.sort())
  })
})

const TYPE_OF_FAMILY: Readonly<Record<TypeFamily, readonly string[]>> = {
  text: ['string'],
  bytes: ['string'],
  address: ['string'],
  network: ['string'],
  number: ['number', 'bigint'],
  bool: ['boolean'],
}
const HOSTILE_ARGUMENTS = [null, 0, 1, 31, 2 ** 31, '', '__proto__', 'constructor', 'name', '*', '[', 'x'.repeat(300)]

describe('values of fields', () => {
  it('are of the type of the field, whatever the record and the argument contain', function () {
    this.timeout(60_000)
    for (const kind of ALL_KINDS) {
      const property = fc.property(
        arbitraryEvent(kind),
        arbitraryKnowledge,
        fc.constantFrom(...HOSTILE_ARGUMENTS),
        (event, container, argument) => {
          for (const field of ALL) {
            if (field.name === 'evt.rawarg') continue
            const value = field.extract?.({ event, container }, argument)
            if (value === undefined || typeof value === 'symbol') continue
            for (const one of Array.isArray(value) ? value : [value]) checkValue(field, one)
          }
        },
      )
      fc.assert(property, { numRuns: 8 })
    }
  })

  it('of arguments are of the type that conditions are checked with', () => {
    for (const name of ['flags', 'type', 'res', 'path', 'data', 'pid', 'uid', 'mode', 'tuple', 'addr', 'name']) {
      const field = resolveField(`evt.rawarg.${name}`, null)
      assert.ok(!('problem' in field), name)
      for (const kind of ALL_KINDS) {
        const property = fc.property(arbitraryEvent(kind), (event) => {
          const value = field.definition.extract?.({ event, container: { state: 'host' } }, field.argument)
          if (value !== undefined) assert.ok(TYPE_OF_FAMILY[familyOf(field.type)].includes(typeof value), `${kind.eventType} ${name}`)
        })
        fc.assert(property, { numRuns: 3 })
      }
    }
  })
})

function checkValue({ name, type }: FieldDefinition, value: unknown): void {
  const family = familyOf(type)
  assert.ok(TYPE_OF_FAMILY[family].includes(typeof value), `${name} is ${typeof value}`)
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name} is ${String(value)}`)
  if (typeof value !== 'string') return
  assert.ok(/^[\x00-\xff]*$/.test(value), `${name} is no byte text`)
  if (family === 'address' || family === 'network') assert.ok(value.length === 4 || value.length === 16, name)
}
