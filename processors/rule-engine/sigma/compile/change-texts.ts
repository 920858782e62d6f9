// The text values of a field after its modifiers: placeholders put in, wildcards read, then dashes and encodings in the order in which the
// rule names them.
import type { FilePlace } from '../../read/file-place.js'
import { base64, base64Offsets, utf16, utf16be, utf16le } from '../values/encodings.js'
import type { Modifiers, TextChange } from '../values/modifiers.js'
import type { Placeholders } from '../values/placeholders.js'
import { mapText, parseValueText, plainText } from '../values/value-text.js'
import type { ValueText } from '../values/value-text.js'
import { withDashes, writeOutDashes } from '../values/windash.js'
import type { CompileScope, WrittenText } from './compile-scope.js'
import { detectionProblem } from './sigma-problem.js'

const UTF16: Readonly<Partial<Record<TextChange, (text: string) => string>>> = { utf16, utf16le, utf16be, wide: utf16le }

/** @throws ItemError */
export function changedTexts(
  values: readonly WrittenText[],
  modifiers: Modifiers & { readonly placeholders: Placeholders },
  scope: CompileScope,
): ValueText[] {
  return values.flatMap((value) => {
    const changedBy = (texts: ValueText[], change: TextChange): ValueText[] =>
      texts.flatMap((one) => counted(changed(one, change, value.place), value.place, scope))
    return scope
      .expanded(value, modifiers.isExpanded, modifiers.placeholders)
      .flatMap((text) => modifiers.changes.reduce<ValueText[]>(changedBy, [parseValueText(text)]))
  })
}

function counted(texts: readonly ValueText[], place: FilePlace, scope: CompileScope): readonly ValueText[] {
  const lengths = texts.map((parts) => ({ length: parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 1), 0) }))
  scope.counted(lengths, place)
  return texts
}

function changed(value: ValueText, change: TextChange, place: FilePlace): ValueText[] {
  if (change === 'windash') return [withDashes(value)]
  const forms = writeOutDashes(value)
  if (forms === null) throw detectionProblem('too many dashes to encode every form of the value', place)
  if (change !== 'base64' && change !== 'base64offset') {
    const encode = UTF16[change] ?? ((text: string) => text)
    return forms.map((form) => mapText(form, encode))
  }
  return forms.flatMap((form) => {
    const text = plainText(form)
    if (text === null) throw detectionProblem(`a value with wildcards has no ${change} form`, place)
    const encoded = change === 'base64' ? [base64(text)] : base64Offsets(text)
    return encoded.map((one): ValueText => [{ kind: 'text', text: one }])
  })
}
