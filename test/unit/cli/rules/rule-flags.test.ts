// Flags of every command that loads rules: what the loaders are told, and what is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOptionsOf } from '../../../../cli/rules/rule-flags.js'

describe('flags of commands that load rules', () => {
  it('say nothing when none is given', () => {
    assert.deepEqual(loadOptionsOf({}), {})
  })
  it('give priority, placeholders and pipelines in the order of the flags', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rule-flags-'))
    const [first, second] = [join(folder, 'b.yml'), join(folder, 'a.yml')]
    writeFileSync(first, 'name: b')
    writeFileSync(second, 'name: a')
    const options = loadOptionsOf({ minimumPriority: 'Warning', pipeline: [first, second], placeholder: ['x=1,2', 'x=3'] })
    assert.deepEqual(options, {
      minPriority: 'warning',
      pipelines: [
        { name: first, text: 'name: b' },
        { name: second, text: 'name: a' },
      ],
      placeholders: { x: ['1', '2', '3'] },
    })
    rmSync(folder, { recursive: true })
  })
  it('refuse what means nothing, by the name of the flag', () => {
    assert.throws(() => loadOptionsOf({ minimumPriority: 'warnin' }), /--minimum-priority: 'warnin' .* did you mean 'warning'/)
    assert.throws(() => loadOptionsOf({ pipeline: ['/nowhere/p.yml'] }), /--pipeline: \/nowhere\/p\.yml: no such/)
    assert.throws(() => loadOptionsOf({ placeholder: ['x'] }), /--placeholder: 'x' is no NAME=VALUE/)
  })
})
