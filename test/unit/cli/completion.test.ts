// Completion in a real bash, over the real command line.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainFile } from '../../support/runner/tiers.js'

const MAIN = mainFile()

describe('completion in bash', function () {
  this.timeout(120_000)
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-completion-'))
    writeFileSync(join(folder, 'completion.bash'), execFileSync(process.execPath, [MAIN, 'completion', 'bash']))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })
  /** What bash offers after these words, with the cursor on the last one. */
  const offers = (...words: string[]): string[] => {
    const script = `
      eunomia() { "$NODE" "$MAIN" "$@"; }
      source completion.bash
      source completion.bash
      COMP_WORDS=(eunomia "$@"); COMP_CWORD=$#
      _eunomia && printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
      cwd: folder,
      env: { ...process.env, NODE: process.execPath, MAIN },
      encoding: 'utf8',
    })
    assert.deepEqual([status, stderr], [0, ''])
    return stdout.split('\n').filter((line) => line !== '')
  }

  it('offers commands, and those of a command', () => {
    assert.deepEqual(offers('sc'), ['schemas'])
    assert.deepEqual(offers('stack', '').slice(0, 3), ['up', 'down', 'status'])
  })

  it('offers flags, and the values of a flag in both ways to write it', () => {
    assert.deepEqual(offers('collect', '--out'), ['--output'])
    assert.deepEqual(offers('collect', '--output', ''), ['kafka', 'json', 'csv', 'table'])
    assert.deepEqual(offers('collect', '--output', '=', 'ta'), ['table'])
    assert.deepEqual(offers('collect', '--output', '='), ['kafka', 'json', 'csv', 'table'])
  })

  it('offers the functions, also after the first', () => {
    assert.deepEqual(offers('process', ''), ['membership', 'detect', 'archive', 'hunt'])
    assert.deepEqual(offers('process', 'membership', 'd'), ['detect'])
  })

  it('never evaluates what is being typed', () => {
    offers('run', '$(touch evaluated)', '--')
    offers('run', '`touch evaluated`', '')
    assert.ok(!existsSync(join(folder, 'evaluated')))
  })
})
