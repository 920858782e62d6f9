import assert from 'node:assert/strict'
import { join } from 'node:path'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { readRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'
import { needTrial, tryFiles } from '../../../../../processors/rule-engine/load/trial-load.js'

const RULE = '- rule: one\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n'
const small = { name: 'small.yaml', text: RULE }
/** Within the bounds of a file, but far more than 48 MiB of memory. */
const large = { name: 'large.yaml', text: '- a\n'.repeat(150_000) }
const bounds = { deadlineMs: 600_000, fileMs: 600_000, maxMib: 512 }

describe('a trial load', () => {
  it('leaves out nothing that loads, nor files with mistakes: these are found by the load itself', async () => {
    const files = [small, { name: 'broken.yaml', text: '- rule: [' }]
    assert.deepEqual(await tryFiles(files, [], {}), { files, errors: [] })
  })
  it('fails at its deadline', async () => {
    // No thread starts within no time.
    await assert.rejects(tryFiles([small], [], {}, { ...bounds, deadlineMs: 0, fileMs: 0 }), {
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
    const tried = await tryFiles(files, [], {}, { deadlineMs: 0, fileMs: 60_000, maxMib: 48 })
    assert.deepEqual(tried.files, [small])
    assert.match(tried.errors[0]?.message ?? '', /^loading takes more than 48 MiB: this file and those after it are left out$/)
  })
  it('names no file for field mappings that exceed the bounds', async () => {
    await assert.rejects(tryFiles([small], [large], {}, { ...bounds, maxMib: 48 }), { message: 'loading takes more than 48 MiB' })
  })
})

describe('files that need a trial load', () => {
  const textOf = (text: string): readonly { name: string; text: string }[] => [small, { name: 'x.yaml', text }]

  it('are large ones, many small ones, those with aliases, and those with expressions that repeat much', () => {
    assert.equal(needTrial(textOf('a'.repeat(1_048_576))), true)
    assert.equal(needTrial(Array.from({ length: 100 }, () => ({ name: 'x.yaml', text: 'a'.repeat(10_486) }))), true)
    assert.equal(needTrial(textOf(`regex "${'a{1,90}'.repeat(60)}"`)), true)
    for (const text of ['a: &a [x]\nb: [*a,*a]', '- &a b\n- *a', '{"a":&x [1],"b":*x}', '&a\n- *a'])
      assert.equal(needTrial(textOf(text)), true, text)
  })
  it('are not those that we ship, nor ones that only look like aliases', () => {
    assert.equal(needTrial(readRuleFiles([join(packageRoot(), 'rules')]).files), false)
    for (const text of ['- a & b\n- *', '- "*a"\n- "&b"', '- a*b&c']) assert.equal(needTrial(textOf(text)), false, text)
  })
})
