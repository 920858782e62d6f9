// The check of links between pages, and of the tests that SECURITY.md names.
import assert from 'node:assert/strict'
import { brokenLinks, claimsWithoutTest } from '../../../../support/runner/check-links.js'

const FILES: Readonly<Record<string, string>> = {
  'docs/rules.md': '# Rules\n## Two words, `code`\n## Twice\n## Twice\n',
  'test/one.test.ts': '',
}
const read = (file: string): string | null => FILES[file] ?? null

describe('the check of links', () => {
  it('finds files and headings that do not exist, from the folder of the page', () => {
    const text = [
      '# Here\n[a](rules.md) [b](rules.md#two-words-code) [c](rules.md#twice-1) [d](#here) [e](../test/one.test.ts) [f](https://example.org/x)',
      '`[not](a-link.md)`\n```\n[nor](this.md)\n```',
      '[g](none.md) [h](rules.md#twice-2) [i](#there) [j](../../outside.md)',
    ].join('\n')
    assert.deepEqual(brokenLinks({ file: 'docs/page.md', text }, read), [
      'docs/page.md: none.md: there is no docs/none.md',
      'docs/page.md: rules.md#twice-2: docs/rules.md has no such heading',
      'docs/page.md: #there: docs/page.md has no such heading',
      'docs/page.md: ../../outside.md: there is no ../outside.md',
    ])
  })

  it('finds claims without a test, below headings of what somebody can and cannot do', () => {
    const text = [
      '# Security\n- no claim',
      '## What a user cannot do\n- a claim\n  over two lines ([test](test/one.test.ts))\n- another claim',
      '## What a user can do\n- this one, too',
      '## Reports\n- no claim',
    ].join('\n\n')
    assert.deepEqual(claimsWithoutTest({ file: 'SECURITY.md', text }), [
      'SECURITY.md: no test: - another claim',
      'SECURITY.md: no test: - this one, too',
    ])
  })
})
