// The manifest of a case: what it is about, and the sha256 of every file in it. Its own sha256 stands for the whole case.
import { createHash } from 'node:crypto'
import { isObject } from '../../../infra/process/json-lines.js'
import { counted } from '../../../infra/text/printable.js'
import type { Story } from '../story/story.js'
import { type CaseFiles, EvidenceInvalidError, packCase, unpackCase } from './zip-file.js'

export const MANIFEST = 'manifest.json'
const FORMAT = 'eunomia-evidence-1'
const MAX_NAMED = 50

/** What a manifest says besides its files. */
export interface CaseAbout {
  readonly format: string
  readonly alertId: string
  readonly rule: string
  readonly ruleVersion: string
  readonly ruleSetHash: string
  readonly hostId: string
  readonly hostName: string
  readonly bootId: string
  readonly window: Story['window']
  /** Where the alert came from: of one from a file, nobody knows who wrote it. */
  readonly alertSource: 'topic' | 'file'
  readonly events: number
  readonly eventsBeyond: number
}

const KEYS: readonly (keyof CaseAbout | 'files')[] = [
  'format',
  'alertId',
  'rule',
  'ruleVersion',
  'ruleSetHash',
  'hostId',
  'hostName',
  'bootId',
  'window',
  'alertSource',
  'events',
  'eventsBeyond',
  'files',
]

/** What a check found. */
export interface CaseReport {
  /** Of the manifest: compare it with the one that was noted when the case was written. */
  readonly manifestSha256: string
  readonly files: number
  readonly changed: readonly string[]
  readonly missing: readonly string[]
  readonly added: readonly string[]
  /** What the manifest says of the case. */
  readonly about: Readonly<Record<string, unknown>>
}

/** Packs files with their manifest. */
export function sealCase(
  files: CaseFiles,
  story: Story,
  counts: Pick<CaseAbout, 'alertSource' | 'events' | 'eventsBeyond'>,
): { zip: Uint8Array; manifestSha256: string } {
  const { alert, hostId, hostName, bootId, window } = story
  const about: CaseAbout = {
    format: FORMAT,
    alertId: alert.alertId,
    rule: alert.rule,
    ruleVersion: alert.ruleVersion,
    ruleSetHash: alert.ruleSetHash,
    ...{ hostId, hostName, bootId, window },
    ...counts,
  }
  const listed = [...files].map(([name, content]) => ({ name, bytes: content.length, sha256: sha256Of(content) }))
  const manifest = Buffer.from(`${JSON.stringify({ ...about, files: listed }, null, 2)}\n`)
  return { zip: packCase(new Map([...files, [MANIFEST, manifest]])), manifestSha256: sha256Of(manifest) }
}

/** Compares a case with its manifest. @throws EvidenceInvalidError for what is no case at all */
export function checkCase(zip: Buffer): CaseReport {
  const files = new Map(unpackCase(zip))
  const manifest = files.get(MANIFEST)
  if (manifest === undefined) throw new EvidenceInvalidError(`this is no evidence that Eunomia wrote: it has no ${MANIFEST}`)
  files.delete(MANIFEST)
  const { listed, about } = parsed(manifest)
  const changed = [...listed].filter(([name, { sha256, bytes }]) => {
    const content = files.get(name)
    return content !== undefined && (content.length !== bytes || sha256Of(content) !== sha256)
  })
  return {
    manifestSha256: sha256Of(manifest),
    files: listed.size,
    changed: changed.map(([name]) => name),
    missing: [...listed.keys()].filter((name) => !files.has(name)),
    added: [...files.keys()].filter((name) => !listed.has(name)),
    about,
  }
}

/** What is wrong, a sentence; null if nothing is. */
export function damageOf({ changed, missing, added }: CaseReport): string | null {
  const parts = [
    ['changed', changed],
    ['missing', missing],
    ['added', added],
  ] as const
  const named = parts.flatMap(([what, names]) =>
    names.length === 0
      ? []
      : [`${counted(names.length, 'file')} ${what}: ${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ' ...' : ''}`],
  )
  return named.length === 0 ? null : named.join('; ')
}

function parsed(manifest: Uint8Array): { listed: Map<string, { sha256: string; bytes: number }>; about: Record<string, unknown> } {
  const invalid = new EvidenceInvalidError(`${MANIFEST} is damaged, or of another version`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(manifest).toString())
  } catch {
    throw invalid
  }
  if (!isObject(value) || value['format'] !== FORMAT || !Array.isArray(value['files'])) throw invalid
  // Nothing in it is free to choose.
  if (Object.keys(value).some((key, index) => key !== KEYS[index])) throw invalid
  const listed = new Map<string, { sha256: string; bytes: number }>()
  for (const file of value['files'] as unknown[]) {
    if (!isObject(file)) throw invalid
    const { name, bytes, sha256 } = file
    if (typeof name !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string' || listed.has(name)) throw invalid
    listed.set(name, { sha256, bytes })
  }
  const { files: _files, ...about } = value
  return { listed, about }
}

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
