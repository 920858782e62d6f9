// Fields of where a file lies: of a file of the host under another name, of one in a container, and of one under its own name.
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import type { FileEvent, PathPlace } from '../../../../../../schemas/generated/types.js'
import { sampleFileEvent } from '../../../../../support/records/sample-records.js'
import { fieldRows } from '../../../../../support/records/field-values.js'

const PLACE: PathPlace = {
  seenPath: null,
  isForeignRoot: true,
  isUnreachable: false,
  mountId: 412,
  mountNamespace: 4_026_532_201,
  device: 0x0fe0_0000,
  fileSystemPath: null,
  realInode: null,
  realDevice: null,
}
const of = (place: PathPlace | null, change: Partial<FileEvent> = {}): RuleRecord => {
  return { topic: 'file', record: sampleFileEvent({ path: '/etc/shadow', place, ...change }) }
}

describe('where a file lies', () => {
  fieldRows(of({ ...PLACE, seenPath: '/shadow', fileSystemPath: '/etc/shadow' }), [
    ['fd.name', '/etc/shadow'],
    ['fd.seen_name', '/shadow'],
    ['fd.fs_path', '/etc/shadow'],
    ['fd.mount_id', 412],
    ['fd.is_foreign_root', true],
    ['fd.is_unreachable', false],
  ])
  fieldRows(of({ ...PLACE, isForeignRoot: null, isUnreachable: true }), [
    ['fd.seen_name', '/etc/shadow'],
    ['fd.fs_path', '/etc/shadow'],
    ['fd.is_foreign_root', undefined],
    ['fd.is_unreachable', true],
  ])
  fieldRows(of(null), [
    ['fd.seen_name', '/etc/shadow'],
    ['fd.fs_path', undefined],
    ['fd.mount_id', undefined],
    ['fd.is_foreign_root', false],
  ])
  fieldRows(of(null, { path: '/proc/712/task/7/environ' }), [['fd.proc_pid', 712]])
  fieldRows(of({ ...PLACE, seenPath: null }, { path: '/host/proc/1/environ' }), [['fd.proc_pid', 1]])
  for (const path of ['/proc/self/environ', '/proc/sys/kernel/pid_max', '/srv/myproc/7/x', '/proc/7x/environ', null])
    fieldRows(of(null, { path }), [['fd.proc_pid', undefined]])
  fieldRows(of(null, { path: null }), [
    ['fd.seen_name', undefined],
    ['fd.is_foreign_root', undefined],
  ])
  fieldRows(of(null, { type: 'chmod', inode: '77', device: 0x0fe0_0001 }), [
    ['fd.ino', 77],
    ['fd.dev', 0x0fe0_0001],
    ['fd.dev.major', 0xfe],
    ['fd.dev.minor', 1],
  ])
})
