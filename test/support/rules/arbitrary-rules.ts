// Sets of rules and events for properties of evaluators: small vocabularies, so that rules often match events, and every construct of
// rules: macros, exceptions, negations, several languages, fields that depend on facts.
import fc from 'fast-check'
import type { ContainerKnowledge, RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'
import type { RuleFile } from '../../../processors/rule-engine/read/rule-file.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess, sampleProcessEvent } from '../records/sample-records.js'

const NAMES = ['cat', 'sh', 'nc', 'runc', 'Cat', '']
const CONTAINER = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

/** Checks of process names, event types, files and facts, which an index and shared tests may get wrong. */
const CHECKS = [
  ...['=', '==', '!='].flatMap((operator) => ['cat', 'sh', 'runc'].map((name) => `proc.name ${operator} ${name}`)),
  'proc.name in (cat, sh)',
  'proc.name in ()',
  'proc.name in (nc, cat, cat)',
  'proc.name intersects (sh, runc)',
  'proc.name = anyof (cat, nc)',
  'proc.name = oneof (cat, cat)',
  'proc.name = oneof (sh, nc)',
  'proc.name = allof (cat, cat)',
  'proc.name = allof (cat, sh)',
  'proc.name != anyof (cat, sh)',
  'proc.names = cat',
  'proc.names != cat',
  'proc.names in (cat, sh)',
  'proc.names in (nc, sh)',
  'proc.names = oneof (cat, sh)',
  'proc.names = allof (cat, sh)',
  'proc.names intersects (nc, Cat)',
  'proc.names startswith c',
  'proc.anames in (cat, sh)',
  'proc.program exists',
  'proc.program in (cat, sh)',
  'proc.aprogram in (cat, sh)',
  'proc.name startswith c',
  'proc.name exists',
  'tolower(proc.name) = cat',
  'proc.name = val(proc.pname)',
  'proc.pname = sh',
  'proc.aname = cat',
  'proc.aname[2] = sh',
  'proc.exepath endswith /cat',
  'proc.cmdline contains -x',
  'proc.args glob "*-x*"',
  'evt.type = execve',
  'evt.type != openat',
  'evt.type in (open, openat, creat)',
  'evt.type = anyof (execve, openat)',
  'evt.type startswith execve',
  'evt.type contains open',
  'evt.type exists',
  'syscall.type = openat',
  'syscall.type != execve',
  'evt.is_open_write = true',
  'fd.name startswith /etc',
  'fd.name pmatch (/etc/*, /tmp)',
  'fd.filename in (shadow, x)',
  'user.uid = 0',
  'container.id = host',
  'container.id != host',
  'container.name = web',
  'container.name != web',
  'container.image.repository in (alpine, busybox)',
  'container.image.repository exists',
  'k8s.ns.name = kube-system',
  'container.privileged = true',
  'len(container.name) > 2',
  'join("-", (proc.name, container.name)) = cat-web',
  'container.name = val(container.image.repository)',
]
const MACROS = ['m1', 'm2', 'm3']

const check = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...CHECKS) }, { weight: 1, arbitrary: fc.constantFrom(...MACROS) })

function conditionOf(leaf: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(fc.array(tie('node'), { minLength: 2, maxLength: 3 }), fc.constantFrom('and', 'or'))
        .map(([terms, word]) => `(${terms.join(` ${word} `)})`),
      tie('node').map((inner) => `not (${inner})`),
    ),
  })).node
}

/** Conditions over the checks, without macros. */
export const arbitraryCondition: fc.Arbitrary<string> = conditionOf(fc.constantFrom(...CHECKS))

const TAIL = '  desc: d\n  output: o\n  priority: INFO\n  warn_evttypes: false\n'
const exception = fc.constantFrom(
  '',
  '  exceptions:\n    - name: e\n      fields: [proc.name, container.name]\n      values: [[cat, web], [sh, db]]\n',
  '  exceptions:\n    - name: e\n      fields: container.image.repository\n      values: [alpine]\n',
  '  exceptions:\n    - name: e\n      fields: [fd.name]\n      comps: [startswith anyof]\n      values: [[[/etc, /tmp]]]\n',
)

const falcoFile = fc
  .tuple(
    fc.tuple(...MACROS.map(() => arbitraryCondition)),
    fc.array(fc.tuple(conditionOf(check), exception, fc.boolean()), { minLength: 1, maxLength: 6 }),
  )
  .map(([macros, rules]): RuleFile => {
    const macroTexts = macros.map((condition, index) => `- macro: ${MACROS[index] ?? ''}\n  condition: ${JSON.stringify(condition)}\n`)
    const ruleTexts = rules.map(
      ([condition, more, isOff], index) =>
        `- rule: falco ${String(index)}\n  condition: ${JSON.stringify(condition)}\n${TAIL}${isOff && index > 0 ? '  enabled: false\n' : ''}${more}`,
    )
    return { name: 'falco.yaml', text: macroTexts.join('') + ruleTexts.join('') }
  })

const SEARCHES = [
  '{Image|endswith: /cat}',
  '{Image|endswith: [/CAT, /nc, bin/sh]}',
  '{Image|endswith: at}',
  '{Image: /bin/sh}',
  '{Image|contains: /c}',
  '{Image|endswith|cased: /Cat}',
  '{Image: null}',
  '{CommandLine|contains|all: [cat, -x]}',
  '{TargetFilename|startswith: /etc/, Image|endswith: /sh}',
  '{User: root}',
  '{ParentImage|endswith: /sh}',
]
const sigmaFile = fc
  .array(
    fc.tuple(
      fc.constantFrom('process_creation', 'file_event'),
      fc.constantFrom(...SEARCHES),
      fc.constantFrom(...SEARCHES),
      fc.constantFrom('a', 'a and b', 'a or b', 'a and not b', 'not a', '1 of them', 'all of them'),
    ),
    { maxLength: 4 },
  )
  .map((rules): RuleFile => {
    const documents = rules.map(
      ([category, a, b, condition], index) =>
        `title: sigma ${String(index)}\nlogsource: {category: ${category}, product: linux}\ndetection:\n  a: ${a}\n  b: ${b}\n  condition: ${condition}\n`,
    )
    return { name: 'sigma.yml', text: documents.join('---\n') }
  })

/** Files of both languages that load without a mistake. */
export const arbitraryRuleFiles: fc.Arbitrary<readonly RuleFile[]> = fc.tuple(falcoFile, sigmaFile).map((files) => [...files])

/** Facts of a container, complete. */
export const arbitraryFacts = fc
  .record({
    name: fc.constantFrom('web', 'db', 'alpine'),
    imageRepository: fc.constantFrom('alpine', 'busybox', null),
    isPrivileged: fc.boolean(),
    pod: fc.constantFrom(null, { name: 'p', namespace: 'kube-system', uid: null, containerName: null }),
  })
  .map((change) => sampleContainerFacts(change))

const knowledge: fc.Arbitrary<ContainerKnowledge> = fc.oneof(
  fc.constant({ state: 'host' } as const),
  arbitraryFacts.map((facts) => ({ state: 'known', containerId: CONTAINER, facts }) as const),
  fc.constantFrom(null, CONTAINER).map((containerId) => ({ state: 'unknown', containerId }) as const),
  fc.constantFrom(null, undefined, CONTAINER).map((containerId) => ({ state: 'absent', containerId, isClaimed: false }) as const),
)

const someProcess = fc
  .record({
    name: fc.constantFrom(...NAMES),
    exePath: fc.constantFrom('/bin/cat', '/usr/bin/nc', '/bin/sh', '/opt/Cat', 'cat', '/', null),
    args: fc.constantFrom(['cat'], ['cat', '-x'], ['sh', '-c', 'x'], []),
    euid: fc.constantFrom(0, 1000),
    exeFlags: fc.constantFrom(0, 14_380),
    user: fc.constantFrom('root', 'app', null),
    ancestors: fc.constantFrom(
      [],
      ['sh', 'cat'].map((name, index) => ({
        pid: index + 1,
        startBootUs: 1,
        name,
        exe: name,
        exePath: `/bin/${name}`,
        exeFlags: 0,
        program: null,
      })),
    ),
  })
  .map((change) => sampleProcess(change))

/** Opens and execs, inside and outside of containers, with facts known, absent and unknown. */
export const arbitraryEvent: fc.Arbitrary<RuleEvent> = fc
  .tuple(
    someProcess,
    fc.constantFrom('/etc/shadow', '/tmp/x', '/etc/x/y', '/srv/data'),
    fc.boolean(),
    fc.constantFrom('execve', 'openat', 'creat'),
    knowledge,
  )
  .map(([process, path, isWrite, syscall, container]): RuleEvent => {
    if (syscall === 'execve')
      return { event: { topic: 'process', record: sampleProcessEvent({ type: 'exec', syscall, process }) }, container }
    const record = sampleFileEvent({ syscall, process, path, isWrite, isRead: !isWrite, isCreated: isWrite, flags: isWrite ? 0o101 : 0 })
    return { event: { topic: 'file', record }, container }
  })
