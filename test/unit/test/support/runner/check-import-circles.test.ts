// The check that no files import each other in a circle.
import assert from 'node:assert/strict'
import { circlesIn, folderCirclesIn, importsOf } from '../../../../support/runner/check-import-circles.js'

describe('check of import circles', () => {
  it('sees imports of values and of types, exports, and imports at run time', () => {
    const source = [
      "import { a } from './a.js'",
      "import type { B } from '../b.js'",
      "import './c.js'",
      "export { d } from './deep/d.js'",
      "const { e } = await import('./e.js')",
      "import { readFileSync } from 'node:fs'",
    ].join('\n')
    assert.deepEqual(importsOf('cli/run/x.ts', source), ['cli/run/a.ts', 'cli/b.ts', 'cli/run/c.ts', 'cli/run/deep/d.ts', 'cli/run/e.ts'])
  })

  it('gives the path around a circle once, from wherever it is found', () => {
    const graph = new Map([
      ['start.ts', ['a.ts']],
      ['a.ts', ['b.ts', 'end.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['a.ts']],
      ['end.ts', []],
    ])
    assert.deepEqual(circlesIn(graph), [['a.ts', 'b.ts', 'c.ts', 'a.ts']])
  })

  it('takes two paths to the same file for no circle', () => {
    const graph = new Map([
      ['a.ts', ['b.ts', 'c.ts']],
      ['b.ts', ['d.ts']],
      ['c.ts', ['d.ts']],
      ['d.ts', []],
    ])
    assert.deepEqual(circlesIn(graph), [])
  })

  it('finds a file that imports itself', () => {
    assert.deepEqual(circlesIn(new Map([['a.ts', ['a.ts']]])), [['a.ts', 'a.ts']])
  })

  it('finds folders that import each other, though no file does, with an import of each step', () => {
    const graph = new Map([
      ['infra/kafka/a.ts', ['infra/text/words.ts']],
      ['infra/text/line.ts', ['infra/kafka/deep/b.ts']],
      ['infra/text/words.ts', []],
      ['infra/kafka/deep/b.ts', []],
    ])
    assert.deepEqual(circlesIn(graph), [])
    assert.deepEqual(folderCirclesIn(graph), [
      [
        'folders: infra/kafka -> infra/text -> infra/kafka',
        '    infra/kafka/a.ts -> infra/text/words.ts',
        '    infra/text/line.ts -> infra/kafka/deep/b.ts',
      ].join('\n'),
    ])
  })

  it('takes a folder and a file next to it for no circle, nor what tests import', () => {
    const graph = new Map([
      ['infra/kafka/a.ts', ['infra/kafka/deep/b.ts', 'test/support/a.ts']],
      ['infra/kafka/deep/b.ts', ['infra/kafka/c.ts']],
      ['test/support/a.ts', ['test/unit/b.ts']],
      ['test/unit/b.ts', ['test/support/a.ts']],
    ])
    assert.deepEqual(folderCirclesIn(graph), [])
  })
})
