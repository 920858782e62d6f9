import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { readRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'
import { needTrial, tryFiles } from '../../../../../processors/rule-engine/load/trial-load.js'

const RULE = '- rule: one\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n'
const small = { name: 'small.yaml', text: RULE }
/** Within the bounds of a file, but far more than 48 MiB of memory. */
const large = { name: 'large.yaml', text: '- a\n'.repeat(150_000) }
const bounds = { deadlineMs: 600_000, setMs: 600_000, fileMs: 600_000, maxMib: 512 }
/** Rules whose expressions take RE2 long to compile, without a repetition or an alias. */
const slowRules = (count: number): string =>
  Array.from({ length: count }, (_, index) =>
    RULE.replaceAll('one', `slow ${String(index)}`).replace(
      'evt.type = execve',
      () => `evt.type = open and fd.name regex "${'\\\\pL'.repeat(250)}${String(index)}"`,
    ),
  ).join('')

describe('a trial load', () => {
  it('leaves out nothing that loads, nor files with mistakes: these are found by the load itself', async () => {
    const files = [small, { name: 'broken.yaml', text: '- rule: [' }]
    assert.deepEqual(await tryFiles(files, [], {}), { files, errors: [] })
  })
  it('fails at its deadline', async () => {
    // No thread starts within no time.
    await assert.rejects(tryFiles([small], [], {}, { ...bounds, setMs: 0 }), {
      message: 'loading the rules takes too long',
    })
  })
  it('leaves out each file that exceeds the bound of memory, names it, and tries the others', async () => {
    const files = [small, large, { ...small, name: 'between.yaml' }, { ...large, name: 'last.yaml' }]
    const tried = await tryFiles(files, [], {}, { ...bounds, maxMib: 48 })
    assert.deepEqual(
      tried.files.map(({ name }) => name),
      ['small.yaml', 'between.yaml'],
    )
    assert.deepEqual(
      tried.errors.map(({ code, message, place }) => [code, place.file, message]),
      ['large.yaml', 'last.yaml'].map((name) => ['LOAD_ERR_FILE_READ', name, 'loading takes more than 48 MiB']),
    )
  })
  it('leaves out all files from the one at which the time is over', async () => {
    const files = [small, large, { ...small, name: 'after.yaml' }]
    const tried = await tryFiles(files, [], {}, { ...bounds, deadlineMs: 0, maxMib: 48 })
    assert.deepEqual(tried.files, [small])
    assert.match(tried.errors[0]?.message ?? '', /^loading takes more than 48 MiB: this file and those after it are left out$/)
  })
  it('leaves out a file whose expressions take too long, however they are written, and only that one', async () => {
    const slow = { name: 'slow.yaml', text: slowRules(200) }
    const files = [small, { ...small, name: 'between.yaml' }, slow, { ...small, name: 'last.yaml' }]
    const tried = await tryFiles(files, [], {}, { ...bounds, setMs: 1_000, fileMs: 500 })
    assert.deepEqual(
      tried.files.map(({ name }) => name),
      ['small.yaml', 'between.yaml', 'last.yaml'],
    )
    assert.deepEqual(
      tried.errors.map(({ message, place }) => [place.file, message]),
      [['slow.yaml', 'loading takes longer than 0.5 s']],
    )
  }).timeout(120_000)
  it('names no file for field mappings that exceed the bounds', async () => {
    await assert.rejects(tryFiles([small], [large], {}, { ...bounds, maxMib: 48 }), { message: 'loading takes more than 48 MiB' })
  })
})

describe('files that need a trial load', () => {
  it('are all but those that we ship', () => {
    const shipped = readRuleFiles([join(packageRoot(), 'rules')]).files
    assert.ok(shipped.length > 10)
    assert.equal(needTrial(shipped), false)
    assert.equal(needTrial([...shipped, small]), true)
    const elsewhere = fileURLToPath(import.meta.url)
    for (const name of [elsewhere, join(packageRoot(), 'rules/none.yaml'), join(packageRoot(), 'rules-2/x.yaml')])
      assert.equal(needTrial([{ ...small, name }]), true, name)
  })
})
