import assert from 'node:assert/strict'
import { FILE_TRACKER, fileReader } from '../../../../../collector/usage/readers/file-usage.js'
import type { UsageBody } from '../../../../../collector/usage/usage-aggregate.js'
import { fileEntry, pathEntry } from '../../../../support/usage/table-bytes.js'
import { usageRound } from '../../../../support/usage/usage-round.js'

const countsOf = ({ scope, aggregates, calls, file }: UsageBody): readonly unknown[] => [
  ...[scope, aggregates, calls],
  [file?.path ?? null, file?.reads, file?.writes, file?.bytesRead, file?.bytesWritten],
]

describe('usage of files', () => {
  it('is one record per process and file, with its path as the process sees it', () => {
    const files = Buffer.concat([fileEntry({ pid: 4 }, 9n, [3n, 1n, 300n, 10n]), fileEntry({ pid: 5 }, 8n, [1n, 0n, 5n, 0n])])
    const paths = Buffer.concat([pathEntry(9n, ['log', 'var']), pathEntry(8n, ['deep', 'end'], true)])
    const { records } = fileReader().read(usageRound({ files, paths }))
    assert.deepEqual(
      records.map(({ type, process, file }) => [type, process?.pid, file]),
      [
        [
          ...['files', 4],
          {
            ...{ path: '/var/log', isPathTruncated: false, inode: '9', device: 45 },
            ...{ reads: 3, writes: 1, bytesRead: 300, bytesWritten: 10 },
          },
        ],
        [
          ...['files', 5],
          {
            ...{ path: 'end/deep', isPathTruncated: true, inode: '8', device: 45 },
            ...{ reads: 1, writes: 0, bytesRead: 5, bytesWritten: 0 },
          },
        ],
      ],
    )
  })

  it('reports the largest one by one, the others as a sum, and counts that found no room: together they are all', () => {
    const files = Buffer.concat(
      [5n, 900n, 7n, 800n].map((bytes, index) =>
        fileEntry({ pid: 4 }, BigInt(index), index % 2 === 0 ? [1n, 0n, bytes, 0n] : [0n, 2n, 0n, bytes]),
      ),
    )
    const { records } = fileReader().read(usageRound({ files }, { top: 2, overflow: [3, 4, 50, 60, 1] }))
    assert.deepEqual(records.map(countsOf), [
      ['process', null, 2, [null, 0, 2, 0, 900]],
      ['process', null, 2, [null, 0, 2, 0, 800]],
      ['rest', 2, 2, [null, 2, 0, 12, 0]],
      ['overflow', null, 7, [null, 3, 4, 50, 60]],
    ])
  })

  it('finds the path in the reading before, and no older one: a file may be another one by then', () => {
    const reader = fileReader()
    const pathIn = (tables: Readonly<Record<string, Buffer>>): string | null | undefined =>
      reader.read(usageRound({ files: fileEntry({ pid: 4 }, 9n, [1n, 0n, 1n, 0n]), ...tables })).records[0]?.file?.path
    assert.equal(pathIn({ paths: pathEntry(9n, ['a']) }), '/a')
    assert.equal(pathIn({}), '/a')
    assert.equal(pathIn({}), null)
    assert.equal(pathIn({ paths: pathEntry(9n, ['b'], false, 78n) }), null, 'the path in another cgroup')
  })

  it('asks for an eighth of paths, but at least 64', () => {
    assert.deepEqual(FILE_TRACKER.entries(16_384), { files: 16_384, paths: 2048 })
    assert.deepEqual(FILE_TRACKER.entries(64), { files: 64, paths: 64 })
  })
})
