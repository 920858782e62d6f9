// Fields read from records. What each field is, is what Falco's rules take it for.
import assert from 'node:assert/strict'
import type { FieldValue } from '../../../../../processors/rule-engine/fields/field-value.js'
import type { RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import type { FileEvent } from '../../../../../schemas/generated/types.js'
import { fieldRows, fieldValue } from '../../../../support/records/field-values.js'
import {
  sampleContainerFacts,
  sampleFileEvent,
  sampleOrigin,
  sampleProcess,
  sampleProcessEvent,
} from '../../../../support/records/sample-records.js'

const ID = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

describe('fields of an exec', () => {
  const process = sampleProcess({
    name: 'httpd-foregroun',
    exePath: '/usr/local/bin/httpd-foreground',
    args: ['./httpd-foreground', '-D', 'FOREGROUND', 'a b'],
    loginUid: null,
    tty: null,
    cwd: '/usr/local/apache2',
    startBootUs: 86_400_000_000,
    uid: 1000,
    euid: 0,
    user: 'anna',
  })
  const event: RuleRecord = {
    topic: 'process',
    record: sampleProcessEvent({ process, origin: sampleOrigin({ bootTimeUs: 86_400_000_250 }) }),
  }
  fieldRows(event, [
    ['evt.type', 'execve'],
    ['syscall.type', 'execve'],
    ['evt.dir', '<'],
    ['evt.res', 'SUCCESS'],
    ['evt.rawres', 0],
    ['evt.num', 918_273],
    ['evt.rawtime', 1_760_086_400_123_456_000n],
    ['evt.time.iso8601', '2025-10-10T08:53:20.123456000+0000'],
    ['evt.is_open_write', false],
    ['proc.name', 'httpd-foregroun'],
    ['proc.exe', './httpd-foreground'],
    ['proc.exepath', '/usr/local/bin/httpd-foreground'],
    ['proc.args', '-D FOREGROUND a b'],
    ['proc.args[0]', '-D'],
    ['proc.args[2]', 'a b'],
    ['proc.args[3]', undefined],
    ['proc.aargs', ['-c cat /etc/shadow']],
    ['proc.aargs[0]', '-D FOREGROUND a b'],
    ['proc.aargs[1]', '-c cat /etc/shadow'],
    ['proc.aargs[2]', undefined],
    ['evt.outputtime', '08:53:20.123456000'],
    ['evt.latency.quantized', 0],
    ['evt.count.procinfo', 0],
    ['evt.count.threadinfo', 0],
    ['evt.buflen.in', undefined],
    ['fd.is_upper_layer', undefined],
    ['proc.cmdline', 'httpd-foregroun -D FOREGROUND a b'],
    ['proc.exeline', './httpd-foreground -D FOREGROUND a b'],
    ['proc.cmdnargs', 3],
    ['proc.cmdlenargs', 15],
    ['proc.cwd', '/usr/local/apache2/'],
    ['proc.pname', 'sh'],
    ['proc.pexe', 'sh'],
    ['proc.pcmdline', 'sh -c cat /etc/shadow'],
    ['proc.aname', ['sh', 'containerd-shim', 'systemd']],
    ['proc.aname[0]', 'httpd-foregroun'],
    ['proc.aname[2]', 'containerd-shim'],
    ['proc.aname[4]', undefined],
    ['proc.aexepath[2]', undefined],
    ['proc.apid[1]', 4200],
    ['proc.sname', 'sh'],
    ['proc.tty', 0],
    ['proc.vpid', 7],
    ['proc.is_vpgid_leader', true],
    ['proc.duration', 250_000],
    ['user.uid', 0],
    ['user.name', 'root'],
    ['user.loginuid', -1],
    ['evt.arg.filename', '/bin/cat'],
    ['evt.arg.flags', '0'],
    [
      'thread.cap_effective',
      'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SYS_CHROOT CAP_MKNOD CAP_AUDIT_WRITE CAP_SETFCAP',
    ],
    ['fd.name', undefined],
    ['fd.num', undefined],
  ])

  it('name a refused one by its errno', () => {
    const refused: RuleRecord = { topic: 'process', record: sampleProcessEvent({ result: -2 }) }
    assert.equal(fieldValue('evt.res', refused), 'ENOENT')
    assert.equal(fieldValue('evt.rawres', refused), -2)
    assert.equal(fieldValue('evt.failed', refused), true)
  })

  it('show a memory file and an upper layer', () => {
    const record = sampleProcessEvent({ process: sampleProcess({ isExeMemfd: true, isExeUpperLayer: true }) })
    assert.equal(fieldValue('proc.is_exe_from_memfd', { topic: 'process', record }), true)
    assert.equal(fieldValue('evt.arg.flags', { topic: 'process', record }), 'EXE_UPPER_LAYER|EXE_FROM_MEMFD')
  })
})

describe('fields of an open', () => {
  const flags = 0o2 | 0o100 | 0o1000 | 0o2000000
  const event: RuleRecord = {
    topic: 'file',
    record: sampleFileEvent({
      path: '/var/log/a.log',
      flags,
      isWrite: true,
      isRead: true,
      isCreate: true,
      mode: 0o644,
      device: 0x0080_0001,
      inode: '9007199254740993',
    }),
  }
  fieldRows(event, [
    ['evt.type', 'openat'],
    ['fd.name', '/var/log/a.log'],
    ['fd.directory', '/var/log'],
    ['fd.filename', 'a.log'],
    ['fd.typechar', 'f'],
    ['fd.type', 'file'],
    ['fd.num', 3],
    ['fd.dev.major', 8],
    ['fd.dev.minor', 1],
    ['fd.ino', 9_007_199_254_740_993n],
    ['evt.arg.flags', 'O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC'],
    ['evt.arg.mode', '0644'],
    ['evt.is_open_read', true],
    ['evt.is_open_write', true],
    ['evt.is_open_exec', false],
    ['fs.path.name', '/var/log/a.log'],
  ])

  it('that failed have no descriptor, but the requested path', () => {
    const failed: RuleRecord = {
      topic: 'file',
      record: sampleFileEvent({
        result: -13,
        path: '/srv/../etc//./shadow',
        pathArgument: '../etc//./shadow',
        pathSource: 'argument',
        inode: null,
        device: null,
      }),
    }
    assert.equal(fieldValue('fd.num', failed), -1)
    assert.equal(fieldValue('evt.rawres', failed), -13)
    assert.equal(fieldValue('evt.res', failed), 'EACCES')
    assert.equal(fieldValue('fd.typechar', failed), 'f')
    assert.equal(fieldValue('fd.type', failed), undefined)
    assert.equal(fieldValue('fd.name', failed), '/etc/shadow')
    assert.equal(fieldValue('fd.nameraw', failed), '../etc/./shadow')
    assert.equal(fieldValue('fd.filename', failed), undefined)
    assert.equal(fieldValue('fd.directory', failed), '/etc')
  })

  it('show the layers of an overlay, if they are known', () => {
    const layers = (change: Partial<FileEvent>): FieldValue[] =>
      ['fd.is_upper_layer', 'fd.is_lower_layer'].map((name) => fieldValue(name, { topic: 'file', record: sampleFileEvent(change) }))
    assert.deepEqual(layers({ isUpperLayer: true, isLowerLayer: false }), [true, false])
    assert.deepEqual(layers({ isUpperLayer: false, isLowerLayer: true }), [false, true])
    assert.deepEqual(layers({ isUpperLayer: null, isLowerLayer: null }), [undefined, undefined])
    assert.deepEqual(layers({ result: -13, isUpperLayer: true, isLowerLayer: false }), [undefined, undefined])
  })

  it('of a folder have its type', () => {
    const folder: RuleRecord = { topic: 'file', record: sampleFileEvent({ flags: 0o200000, path: '/etc' }) }
    assert.equal(fieldValue('fd.typechar', folder), 'd')
  })

  it('preserve bytes that are not UTF-8', () => {
    const record = sampleFileEvent({ path: '/tmp/a\ufffd', raw: { path: Buffer.from('/tmp/a\xff', 'latin1') } })
    assert.equal(fieldValue('fd.name', { topic: 'file', record }), '/tmp/a\xff')
  })
})

describe('fields of the container', () => {
  const event: RuleRecord = { topic: 'file', record: sampleFileEvent() }
  const facts = sampleContainerFacts({ isPrivileged: true, pod: { name: 'web-0', namespace: 'shop', uid: 'u1', containerName: 'web' } })
  fieldRows(
    event,
    [
      ['container.id', '4f1c0c5de2a9'],
      ['container.full_id', ID],
      ['container.name', 'web'],
      ['container.image.repository', 'registry.example/shop/web'],
      ['container.image.tag', '1.4'],
      ['container.privileged', true],
      ['container.mount.dest[/srv/*]', '/data'],
      ['container.mount.source[/data]', '/srv/data'],
      ['container.mount.dest[0]', '/data'],
      ['container.mount.dest[/other]', undefined],
      ['container.label[app]', 'web'],
      ['container.label[__proto__]', undefined],
      ['k8s.ns.name', 'shop'],
      ['k8s.pod.name', 'web-0'],
      ['k8s.pod.label[tier]', 'front'],
      ['k8s.pod.label.tier', 'front'],
    ],
    { state: 'known', containerId: ID, facts },
  )

  it('that no runtime confirmed use the claim of the cgroup once the deadline passed', () => {
    const claimed = { state: 'absent', containerId: ID, isClaimed: true } as const
    assert.equal(fieldValue('container.id', event, claimed), ID.slice(0, 12))
    assert.equal(fieldValue('container.image', event, claimed), undefined)
  })
  it('of which nothing was ever decided are of no container and not of the host', () => {
    const undecided = { state: 'absent', containerId: undefined, isClaimed: false } as const
    assert.equal(fieldValue('container.id', event, undecided), 'unknown')
    assert.equal(fieldValue('container.full_id', event, undecided), 'unknown')
    assert.equal(fieldValue('container.name', event, undecided), undefined)
    assert.equal(fieldValue('container.type', event, undecided), undefined)
  })
  it('whose claim is refuted are of the innermost confirmed container, else of the host, and never of the claimed one', () => {
    const inOuter = { state: 'absent', containerId: 'a'.repeat(64), isClaimed: false } as const
    const inNone = { state: 'absent', containerId: null, isClaimed: false } as const
    assert.equal(fieldValue('container.id', event, inOuter), 'a'.repeat(12))
    assert.equal(fieldValue('container.id', event, inNone), 'host')
    assert.equal(fieldValue('container.full_id', event, inNone), 'host')
    assert.equal(fieldValue('container.name', event, inNone), 'host')
    assert.equal(fieldValue('container.type', event, inNone), 'host')
    assert.equal(fieldValue('container.type', event, inOuter), undefined)
    assert.equal(fieldValue('container.image', event, inNone), undefined)
  })
})
