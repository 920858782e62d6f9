// YAML of rule files as editors leave it.
import assert from 'node:assert/strict'
import { readYamlFile } from '../../../../../processors/rule-engine/read/yaml-file.js'

describe('a rule file', () => {
  const TEXT = '- list: l\n  items: [a]\n- list: m\n  items: [b]\n'

  for (const [what, text] of [
    ['with a byte order mark', `\ufeff${TEXT}`],
    ['with line ends of Windows', TEXT.replaceAll('\n', '\r\n')],
  ] as const) {
    it(`is read ${what} as without`, () => {
      const read = readYamlFile('f.yaml', text)
      assert.ok('documents' in read, 'problem' in read ? read.problem : '')
      const items = read.documents[0]?.items ?? []
      assert.deepEqual(
        items.map(({ entries, place }) => [entries.get('list')?.value.text, place.line, place.column]),
        [
          ['l', 1, 3],
          ['m', 3, 3],
        ],
      )
    })
  }
})
