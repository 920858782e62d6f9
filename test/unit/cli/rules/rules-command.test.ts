// The commands below `rules` as a process: what they answer to input that means nothing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainFile } from '../../../support/runner/tiers.js'

const MAIN = mainFile()
const rules = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [MAIN, 'rules', ...args], { encoding: 'utf8', timeout: 20_000 })

describe('the rules commands', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-rules-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('call a folder without tests a mistake, not a run in which all tests passed', () => {
    const { status, stdout, stderr } = rules('test', folder)
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /no rule tests found: expected NAME\.test\.yaml/)
  })

  it('name the nearest field when no field has the text in its name', () => {
    const { status, stderr } = rules('fields', 'proc.nmae')
    assert.equal(status, 2)
    assert.match(stderr, /no field's name contains 'proc\.nmae'; did you mean 'proc\.name'\?/)
  })

  it('show a hostile name of a rule without its control characters', () => {
    const file = join(folder, 'hostile.yaml')
    writeFileSync(file, '- rule: "\\e]0;owned\\a\\e[31m"\n  desc: d\n  condition: nosuch\n  output: o\n  priority: INFO\n')
    const { status, stdout } = rules('check', file)
    assert.equal(status, 1)
    assert.match(stdout, /Undefined macro 'nosuch'/)
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f]/)
  })

  it('write all of a long answer into a pipe before they end', () => {
    const rule = (index: number): string =>
      `title: t${String(index)}\ndescription: ${'x'.repeat(1000)}\nlogsource: {category: file_event}\ndetection: {s: {Image: x}, condition: s}\n`
    writeFileSync(join(folder, 'many.yml'), Array.from({ length: 500 }, (_, index) => rule(index)).join('---\n'))
    const { status, stdout } = rules('list', '--json', folder)
    assert.equal(status, 0)
    assert.equal((JSON.parse(stdout) as unknown[]).length, 500)
  })
})
