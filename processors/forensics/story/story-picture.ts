// A picture of the story in SVG: a row for each entry of the tree, its life as a bar, what it did as ticks, alerts as marks. Numbers are ours; names pass
// the escape function of the page.
import { SORTS } from './process-activity.js'
import type { Story } from './story.js'
import { entriesOf } from './story-tree.js'
import { entryName, timeOfDay } from './story-words.js'

const MAX_ROWS = 60
const WIDTH = 1000
const LEFT = 220
const ROW = 18
const TOP = 22
const LABEL = 30
const GRID = 5

/** The picture, as an svg element. @param escape makes text harmless in HTML */
export function timelinePicture(story: Story, escape: (text: string) => string): string {
  const { fromUs, toUs } = story.window
  const span = Math.max(1, toUs - fromUs)
  const xOf = (us: number): string => (LEFT + (Math.min(Math.max(us, fromUs), toUs) - fromUs) * ((WIDTH - LEFT - 10) / span)).toFixed(1)
  const all = [...entriesOf(story.tree.root)]
  const rows = all.slice(0, MAX_ROWS)
  const height = TOP + rows.length * ROW + 10
  const grid = Array.from({ length: GRID + 1 }, (_, index) => fromUs + (span * index) / GRID).map(
    (us) => `<text x="${xOf(us)}" y="12" text-anchor="${us === toUs ? 'end' : 'middle'}">${timeOfDay(Math.round(us)).slice(0, 8)}</text>`,
  )
  const now = `<line class="now" x1="${xOf(story.atUs)}" x2="${xOf(story.atUs)}" y1="${String(TOP - 4)}" y2="${String(height)}"/>`
  const body = rows.map(({ entry, depth }, index) => {
    const y = TOP + index * ROW
    const [start, end] = [xOf(entry.startUs ?? fromUs), xOf(entry.endUs ?? toUs)]
    const name = [...entryName(entry)].slice(0, LABEL - Math.min(depth, 8)).join('')
    const length = Math.max(1.5, Number(end) - Number(start)).toFixed(1)
    const ticks = SORTS.flatMap((sort) =>
      entry.touched[sort].items.map(
        ({ firstUs }) =>
          `<line class="tick ${sort}" x1="${xOf(firstUs)}" x2="${xOf(firstUs)}" y1="${String(y + 1)}" y2="${String(y + 13)}"/>`,
      ),
    )
    const marks = entry.alerts.items.map(({ firstUs }) => `<circle class="mark" cx="${xOf(firstUs)}" cy="${String(y + 7)}" r="4"/>`)
    return (
      `<text x="${String(Math.min(depth, 8) * 7)}" y="${String(y + 11)}">${escape(name)}</text>` +
      `<rect class="bar${entry.relation === 'alert' ? ' alert' : ''}" x="${start}" y="${String(y + 5)}" width="${length}" height="4"/>${ticks.join('')}${marks.join('')}`
    )
  })
  const more =
    all.length > rows.length ? `<p class="dim">${String(all.length - rows.length)} entries more are in the tree below only.</p>` : ''
  return `<svg viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="when each process ran and what it did">${grid.join('')}${now}${body.join('')}</svg>${more}`
}
