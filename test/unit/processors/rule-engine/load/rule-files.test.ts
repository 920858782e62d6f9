// Rule files and folders from disk: their order, and what is said of those that can't be read.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RulesInvalidError } from '../../../../../processors/rule-engine/read/diagnostics.js'
import { loadRuleFiles, readRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'

describe('rule files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-rules-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (name: string, text = ''): void => writeFileSync(join(folder, name), text)

  it('of a folder come by name, bytewise, in every locale, folders below included', () => {
    mkdirSync(join(folder, 'm'))
    for (const name of ['b.yaml', 'a.yml', 'B.yaml', '_shared.yaml', 'é.yaml', 'z.yaml', 'm/x.yaml']) write(name)
    const names = readRuleFiles([folder]).files.map((file) => file.name.slice(folder.length + 1))
    assert.deepEqual(names, ['B.yaml', '_shared.yaml', 'a.yml', 'b.yaml', 'm/x.yaml', 'z.yaml', 'é.yaml'])
  })

  it('leave out other files and the tests next to rules', () => {
    for (const name of ['a.yaml', 'a.test.yaml', 'notes.md']) write(name)
    assert.equal(readRuleFiles([folder]).files.length, 1)
  })

  it('leave out hidden names: a mounted ConfigMap has each file below them once more', () => {
    mkdirSync(join(folder, '..2026_01_01'))
    write('..2026_01_01/a.yaml')
    write('.a.yaml')
    symlinkSync('..2026_01_01', join(folder, '..data'))
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'))
    assert.deepEqual(
      readRuleFiles([folder]).files.map((file) => file.name),
      [join(folder, 'a.yaml')],
    )
  })

  it('that lead nowhere do not affect those after them', () => {
    symlinkSync('gone', join(folder, 'a.yaml'))
    write('b.yaml')
    const { files, errors } = readRuleFiles([folder])
    assert.deepEqual(
      files.map((file) => file.name),
      [join(folder, 'b.yaml')],
    )
    assert.deepEqual(
      errors.map(({ place }) => place.file),
      [join(folder, 'a.yaml')],
    )
  })

  it('given by name come in the order of their names given', () => {
    for (const name of ['a.yaml', 'b.yaml']) write(name)
    const names = readRuleFiles([join(folder, 'b.yaml'), join(folder, 'a.yaml')]).files.map((file) => file.name)
    assert.deepEqual(names, [join(folder, 'b.yaml'), join(folder, 'a.yaml')])
  })

  it('that are not there are an error, and kept out of the set', () => {
    write('a.yaml')
    const { ruleSet, errors } = loadRuleFiles([join(folder, 'a.yaml'), join(folder, 'none.yaml')])
    assert.deepEqual(ruleSet.quarantined, [{ kind: 'file', name: join(folder, 'none.yaml'), error: errors[0] }])
    assert.deepEqual(
      errors.map(({ code, place }) => [code, place.file]),
      [['LOAD_ERR_FILE_READ', join(folder, 'none.yaml')]],
    )
    assert.equal(new RulesInvalidError(errors).message, `${join(folder, 'none.yaml')}: no such rule file or folder`)
  })

  it('with mistakes make one error that shows each with its place', () => {
    write('a.yaml', '- rule: r\n  desc: d\n  condition: evt.type=opne\n  output: o\n  priority: INFO\n')
    const error = new RulesInvalidError(loadRuleFiles([folder]).errors)
    assert.equal(
      error.message,
      `${join(folder, 'a.yaml')}:3:23: 'r': unknown event type opne (did you mean 'open'?) (LOAD_ERR_COMPILE_CONDITION)`,
    )
    assert.equal(error.isUserMistake, true)
  })

  it('that never end are refused, and do not hold up the others: only regular files and folders are read', () => {
    const pipe = join(folder, 'a-pipe.yaml')
    execFileSync('mkfifo', [pipe])
    write('b.yaml', '')
    const { files, errors } = readRuleFiles(['/dev/zero', pipe, folder])
    assert.deepEqual(
      files.map(({ name }) => name),
      [join(folder, 'b.yaml')],
    )
    assert.deepEqual(
      errors.map(({ code, message, place }) => [code, message, place.file]),
      ['/dev/zero', pipe, pipe].map((file) => ['LOAD_ERR_FILE_READ', 'is no regular file', file]),
    )
  })

  it('that are regular files without an end, as links to proc are, do not fill the memory, and do not hold up the others', () => {
    symlinkSync('/proc/self/pagemap', join(folder, 'a-link.yaml'))
    symlinkSync('.', join(folder, 'a-loop'))
    write('b.yaml', '')
    const { files, errors } = readRuleFiles([folder])
    assert.deepEqual(
      files.map(({ name }) => name),
      [join(folder, 'b.yaml')],
    )
    assert.deepEqual(
      errors.map(({ code, place }) => [code, place.file]),
      [['LOAD_ERR_FILE_READ', join(folder, 'a-link.yaml')]],
    )
  })
})
