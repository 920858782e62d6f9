// The page of a story: whatever the texts of events are, its elements and attributes stay the same, and its policy allows nothing but its style.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { StoryBuilder } from '../../../../../processors/forensics/story/story.js'
import { escaped, storyPage } from '../../../../../processors/forensics/story/story-page.js'
import { HostEvents } from '../../../../support/forensics/host-events.js'
import { HOSTILE_TEXTS } from '../../../../support/records/hostile-alert.js'
import { hostileStory } from '../../../../support/forensics/hostile-story.js'

/** Everything of a page that is markup. */
function markupOf(page: string): string[] {
  return page.replace(/<style>[^<]*<\/style>/, '<style>').match(/<[^>]*>/g) ?? []
}

const MARKUP =
  /^<(\/?(html|head|body|title|style|h1|h2|p|dl|dt|dd|ul|li|details|summary|code|span|svg|text|rect|line|circle)|!doctype|meta)\b[^<>]*>$/
const ATTRIBUTES =
  /^(\s+(lang|charset|http-equiv|content|name|class|viewBox|role|aria-label|x|y|x1|x2|y1|y2|cx|cy|r|width|height|text-anchor|open)(="[^"<>&]*")?)*\s*\/?>$/

describe('the page of a story', () => {
  it('has the same elements and attributes whatever an attacker writes', () => {
    const [plain = ''] = [storyPage(hostileStory('plain'))]
    for (const text of HOSTILE_TEXTS.filter((one) => one.length < 2_000 && one !== '')) {
      const page = storyPage(hostileStory(text))
      assert.deepEqual(markupOf(page).map(withoutNumbers), markupOf(plain).map(withoutNumbers), JSON.stringify(text.slice(0, 60)))
    }
  })

  it('has no script, address, style or handler, and no control character', () => {
    for (const text of HOSTILE_TEXTS) {
      const page = storyPage(hostileStory(text))
      for (const tag of markupOf(page)) {
        assert.match(tag, MARKUP)
        if (!tag.startsWith('<!')) assert.match(tag.replace(/^<\/?[a-z0-9]+/, ''), ATTRIBUTES)
      }
      assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(page))
      assert.ok(page.length < 1_000_000)
    }
  })

  it('allows its own style sheet by hash and nothing else', () => {
    const page = storyPage(hostileStory('x'))
    const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.ok(page.includes(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`))
    assert.equal(escaped(`<a href="x" b='y'>&\``), '&#60;a href=&#34;x&#34; b=&#39;y&#39;&#62;&#38;&#96;')
  })

  it('shows what is missing', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    host.lose('process', 3)
    host.spawn(shell, 501, '/bin/ls')
    const builder = new StoryBuilder(alert, { fromUs: 0, toUs: host.nowUs })
    for (const event of host.events) builder.add(event)
    const page = storyPage(builder.story(['retention removed offsets 0 to 12 of eunomia.file.v1']))
    assert.match(page, /GAP: 3 events of eunomia\.process\.v1/)
    assert.match(page, /NOT READ: retention removed offsets 0 to 12/)
  })
})

function withoutNumbers(tag: string): string {
  return tag.replace(/[0-9.]+/g, '0')
}
