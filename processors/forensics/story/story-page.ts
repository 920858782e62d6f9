// The story of an alert as one HTML file to share: no script, no request, and no text of an event that could be markup. Each text passes `escaped`;
// the policy in the page forbids everything but its own style sheet.
import { createHash } from 'node:crypto'
import { counted, printable } from '../../../infra/text/printable.js'
import { type Sort, SORTS, type Touched } from './process-activity.js'
import type { Story } from './story.js'
import { timelinePicture } from './story-picture.js'
import type { Cut, StoryEntry } from './story-tree.js'
import { actionsWords, containerWords, endWords, entryName, limitsOf, moment, timeOfDay } from './story-words.js'

const STYLE = `
:root{color-scheme:light dark;--line:#8886;--dim:#777;--bad:#c22}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1rem}
h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:1.5rem 0 .4rem}
code,.what{font-family:ui-monospace,monospace;font-size:.88em;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
ul.tree,ul.tree ul{list-style:none;margin:0;padding-left:1.1rem;border-left:1px solid var(--line)}
ul.tree li{margin:.25rem 0}.alert>details>summary{color:var(--bad);font-weight:600}.ancestor>details>summary{color:var(--dim)}
ul.things{list-style:none;margin:.1rem 0 .1rem 1rem;padding:0;font-size:.92em}.dim{color:var(--dim)}.bad{color:var(--bad)}
summary{cursor:pointer;overflow-wrap:anywhere}svg{width:100%;height:auto}svg text{font:11px ui-monospace,monospace;fill:currentColor}
.bar{fill:#68a}.bar.alert{fill:var(--bad)}.tick{stroke:#4a7}.tick.changed{stroke:#b80}.tick.connections{stroke:#36c}.tick.calls{stroke:#939}.mark{fill:var(--bad)}.now{stroke:var(--bad);stroke-dasharray:3}
`

/** The text as HTML, inside an element or a quoted attribute; control characters are shown. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"'`]/g, (character) => `&#${String(character.charCodeAt(0))};`)
}

/** The page. */
export function storyPage(story: Story): string {
  const { alert } = story
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const limits = limitsOf(story).map((limit) => `<li>${escaped(limit)}</li>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
<title>${escaped(alert.rule)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(alert.rule)}</h1>
<p>${escaped(alert.output)}</p>
<dl>${factsOf(story)
    .map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`)
    .join('')}</dl>
${limits.length === 0 ? '' : `<h2>What is missing or joined</h2><ul class="bad">${limits.join('')}</ul>`}
<h2>Time line</h2>
${timelinePicture(story, escaped)}
<h2>Processes</h2>
<ul class="tree">${entryHtml(story.tree.root, story)}</ul>
</body></html>
`
}

function factsOf(story: Story): (readonly [string, string])[] {
  const { alert, window, tree } = story
  return [
    ['Time', moment(story.atUs)],
    ['Priority', alert.priority],
    ['Host', `${story.hostName} (${story.hostId}), boot ${story.bootId}`],
    ...(story.container === null ? [] : [['Container', containerWords(story.container)] as const]),
    ...(story.container?.life.map(({ type, atUs }) => [`Container ${type}`, moment(atUs)] as const) ?? []),
    ['Alert', alert.alertId],
    ['Rule', `${alert.ruleId}, version ${alert.ruleVersion}, rule set ${alert.ruleSetHash}`],
    ['Window', `${moment(window.fromUs)} to ${moment(window.toUs)}`],
    [
      'Events',
      `${String(story.eventsOfTree)} of ${counted(tree.processes, 'process', 'processes')} here, of ${counted(story.events, 'event')} of the host`,
    ],
  ]
}

const TITLE_OF: Readonly<Record<Sort, string>> = { changed: 'changed', read: 'read', connections: 'connection', calls: 'call' }

function entryHtml(entry: StoryEntry, story: Story): string {
  const at = entry.startUs === null ? '' : `${timeOfDay(entry.startUs)} `
  const user = entry.user === null ? '' : ` ${entry.user}`
  const isOpen = entry.relation !== 'relative' || entry.alerts.items.length > 0
  const children = entry.children.map((child) => entryHtml(child, story)).join('')
  const cutText =
    entry.cutProcesses > 0
      ? `<li class="dim">${escaped(counted(entry.cutProcesses, 'process', 'processes'))} more, with ${escaped(counted(entry.cutAlerts, 'alert'))}</li>`
      : ''
  const below = children + cutText
  return (
    `<li class="${entry.relation}"><details${isOpen ? ' open' : ''}><summary>${escaped(`${at}${entryName(entry)}${user}`)}</summary>` +
    `<ul class="things">${bodyOf(entry, story).join('')}</ul>${below === '' ? '' : `<ul>${below}</ul>`}</details></li>`
  )
}

function bodyOf(entry: StoryEntry, story: Story): string[] {
  const { args, exePath, programs, alerts, containerId } = entry
  const container = containerId === null ? undefined : story.containers.find((one) => one.containerId === containerId)
  const end = endWords(entry)
  return [
    ...(programs.more > 0 ? [line('dim', `ran ${counted(programs.more, 'program')} more before`)] : []),
    ...programs.items.map((program) => `<li class="dim">ran <code>${escaped(program.args)}</code> from ${timeOfDay(program.atUs)}</li>`),
    ...(args === null ? [] : [`<li><code>${escaped(args)}</code></li>`]),
    ...(exePath === null ? [] : [line('dim', exePath)]),
    ...(container === undefined ? [] : [line('dim', `in container ${containerWords(container)}`)]),
    ...alerts.items.map(({ rule, count, firstUs }) =>
      line('bad', `alert ${rule}${count > 1 ? `, ${String(count)} times` : ''} ${timeOfDay(firstUs)}`),
    ),
    ...(alerts.more > 0 ? [line('bad', `alerts of ${counted(alerts.more, 'rule')} more`)] : []),
    ...SORTS.flatMap((sort) => thingsHtml(sort, entry.touched[sort])),
    ...(end === '' ? [] : [line('dim', end)]),
  ]
}

function thingsHtml(sort: Sort, { items, more }: Cut<Touched>): string[] {
  return [
    ...items.map(
      (touched) =>
        `<li${sort === 'read' ? ' class="dim"' : ''}>${escaped(actionsWords(touched))} <span class="what">${escaped(touched.what)}</span> ${timeOfDay(touched.firstUs)}</li>`,
    ),
    ...(more > 0 ? [line('dim', `${TITLE_OF[sort]}: ${String(more)} more`)] : []),
  ]
}

function line(kind: string, text: string): string {
  return `<li class="${kind}">${escaped(text)}</li>`
}
