// Check of the tree: relative links of the pages lead to files and headings that exist, and each claim of SECURITY.md links to a test.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

const CLAIMS = 'SECURITY.md'
/** A claim is an item of a list below a heading with one of these words. */
const CLAIM_HEADING = /^#+ .*\b(can|cannot)\b/
const LINK = /\[[^\]]*\]\(([^)\s]+)(?: "[^"]*")?\)/g

/** A page that links are looked for in. */
export interface Page {
  /** Relative to the root. */
  readonly file: string
  readonly text: string
}

/** One message for each link that leads nowhere. @param read null for a file that does not exist, '' for one that is no page */
export function brokenLinks({ file, text }: Page, read: (file: string) => string | null): string[] {
  return linksOf(text).flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', heading] = link.split('#')
    const target = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)))
    const found = target === file ? text : read(target)
    if (found === null) return [`${file}: ${link}: there is no ${target}`]
    return heading === undefined || headingsOf(found).has(heading) ? [] : [`${file}: ${link}: ${target} has no such heading`]
  })
}

/** One message for each item of a list of claims without a link to a test. */
export function claimsWithoutTest({ file, text }: Page): string[] {
  let isClaims = false
  return itemsAndHeadings(text).flatMap((block) => {
    if (block.startsWith('#')) isClaims = CLAIM_HEADING.test(block)
    else if (isClaims && !linksOf(block).some((link) => link.startsWith('test/'))) return [`${file}: no test: ${block.slice(0, 80)}`]
    return []
  })
}

function linksOf(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '`')
  return [...prose.matchAll(LINK)].map(([, link = '']) => link)
}

/** Anchors as GitHub makes them: lower case, without punctuation, hyphens for blanks, numbered where they repeat. */
function headingsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, title = ''] of text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)) {
    const anchor = title
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let name = anchor
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${String(count)}`
    anchors.add(name)
  }
  return anchors
}

/** Headings, and items of lists with their continuation lines. */
function itemsAndHeadings(text: string): string[] {
  return text
    .split(/\n(?=#+ |- |\n)/)
    .map((block) => block.trim())
    .filter((block) => /^(#+ |- )/.test(block))
}

function pagesBelow(root: string, folder = ''): Page[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name)
    if (entry.isDirectory()) return /^(\.|node_modules$|dist$|build$)/.test(entry.name) ? [] : pagesBelow(root, file)
    return entry.name.endsWith('.md') ? [{ file, text: readFileSync(join(root, file), 'utf8') }] : []
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = packageRoot()
  const read = (file: string): string | null => {
    const path = join(root, file)
    if (relative(root, path).startsWith('..') || !existsSync(path)) return null
    return file.endsWith('.md') ? readFileSync(path, 'utf8') : ''
  }
  const pages = pagesBelow(root)
  const claims = pages.filter(({ file }) => file === CLAIMS)
  const mistakes = [...pages.flatMap((page) => brokenLinks(page, read)), ...claims.flatMap(claimsWithoutTest)]
  if (claims.length === 0) mistakes.push(`there is no ${CLAIMS}`)
  for (const mistake of mistakes) console.error(mistake)
  process.exitCode = mistakes.length === 0 ? 0 : 1
}
