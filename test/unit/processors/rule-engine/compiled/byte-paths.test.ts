// Paths of file events in the bytes of a record: as the extractor shows them, or left to it.
import assert from 'node:assert/strict'
import type { FileEvent } from '../../../../../schemas/generated/types.js'
import { sampleFileEvent } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

describe('paths in bytes', () => {
  const GIVEN = { pathSource: 'argument' } as const
  const CASES: readonly (readonly [field: string, change: Partial<FileEvent>, shown: Shown])[] = [
    ['fd.name', { path: '/etc/shadow' }, ['/etc/shadow']],
    ['fd.name', { path: null }, 'absent'],
    ['fd.name', { path: 'etc/shadow' }, 'unknown'],
    // What the kernel made is shown as it is; what the process gave is normalized first.
    ['fd.name', { path: '/etc//shadow' }, ['/etc//shadow']],
    ['fd.name', { path: '/etc//shadow', ...GIVEN }, 'unknown'],
    ['fd.name', { path: '/etc/./shadow', ...GIVEN }, 'unknown'],
    ['fd.name', { path: '/etc/../shadow', ...GIVEN }, 'unknown'],
    ['fd.name', { path: '/etc/..', ...GIVEN }, 'unknown'],
    ['fd.name', { path: '/etc/', ...GIVEN }, 'unknown'],
    ['fd.name', { path: '/', ...GIVEN }, ['/']],
    ['fd.name', { path: '/etc/.x/..y', ...GIVEN }, ['/etc/.x/..y']],
    ['fd.directory', { path: '/etc/shadow' }, ['/etc']],
    ['fd.directory', { path: '/shadow' }, ['/']],
    ['fd.directory', { path: '/etc', flags: 0o200000 }, ['/etc']],
    ['fd.filename', { path: '/etc/shadow' }, ['shadow']],
    ['fd.filename', { path: '/etc', flags: 0o200000 }, 'absent'],
    ['fd.filename', { path: '/etc/shadow', result: -2 }, 'absent'],
    ['fd.type', { path: '/etc/shadow' }, ['file']],
    ['fd.type', { path: '/etc/shadow', result: -2 }, 'absent'],
    ['fd.typechar', { path: '/etc', flags: 0o200000 }, ['d']],
    ['fd.nameraw', { pathArgument: '../x' }, ['../x']],
    ['fd.nameraw', { pathArgument: 'a//x' }, 'unknown'],
    ['fs.path.source', { type: 'rename', syscall: 'rename', result: 0, path: '/a', newPath: '/b' }, ['/a']],
    ['fs.path.target', { type: 'rename', syscall: 'rename', result: 0, path: '/a', newPath: '/b' }, ['/b']],
    ['fs.path.target', { type: 'rename', syscall: 'rename', result: -1, path: '/a', newPath: '/b' }, 'absent'],
  ]
  for (const [field, change, shown] of CASES)
    it(`${field} of ${JSON.stringify(change)}`, () => {
      assert.deepEqual(shownValue(field, { topic: 'file', record: sampleFileEvent(change) }), shown)
    })
})
