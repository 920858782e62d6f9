import assert from 'node:assert/strict'
import { MAX_INDENT, MAX_INLINE_DEPTH, MAX_TOKENS, yamlExcess } from '../../../../../processors/rule-engine/read/yaml-bounds.js'
import { readYamlFile } from '../../../../../processors/rule-engine/read/yaml-file.js'

const TOO_DEEP = 'nested too deeply'

describe('bounds of a YAML text', () => {
  for (const [what, text, offset] of [
    ['brackets', '['.repeat(2_400_000), MAX_INLINE_DEPTH],
    ['maps in braces', '{a: '.repeat(1_000_000), MAX_INLINE_DEPTH * 4],
    ['brackets on lines of their own', '[\n'.repeat(1_000), MAX_INLINE_DEPTH * 2],
    ['sequences on one line', '- '.repeat(4_000_000), MAX_INLINE_DEPTH * 2],
    ['keys with question marks', '? '.repeat(4_000_000), MAX_INLINE_DEPTH * 2],
  ] as const)
    it(`refuse ${what} at the first one that is too deep`, () => {
      assert.deepEqual(yamlExcess(text), { problem: TOO_DEEP, offset })
    })

  it('refuse maps that are deeper than a line may be indented, and read those that are not', () => {
    const steps = (count: number): string => Array.from({ length: count }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')
    assert.equal(yamlExcess(steps(MAX_INDENT + 2))?.problem, TOO_DEEP)
    assert.ok('documents' in readYamlFile('deep', steps(MAX_INDENT + 1)))
  })

  it('refuse more tokens than the memory of a small host can hold', () => {
    assert.match(yamlExcess('- a\n'.repeat(MAX_TOKENS))?.problem ?? '', /^more than 1000000 tokens$/)
  })

  it('count brackets that are open, not those in texts, comments and quotes', () => {
    const many = MAX_INLINE_DEPTH * 3
    for (const text of [
      '[]'.repeat(many),
      `a: ${'x['.repeat(many)}`,
      `# ${'['.repeat(many)}`,
      `a: "${'['.repeat(many)}"`,
      `a: |\n ${'['.repeat(many)}`,
    ])
      assert.equal(yamlExcess(text), null, text.slice(0, 20))
  })

  it('are a mistake of the file, with the place', () => {
    const read = readYamlFile('hostile.yaml', `- a\n- ${'['.repeat(2_000_000)}`)
    assert.deepEqual(read, { problem: TOO_DEEP, place: { file: 'hostile.yaml', line: 2, column: MAX_INLINE_DEPTH + 3 } })
  })
})
