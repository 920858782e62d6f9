// Reads the values of one item of a rule file (a rule, a macro, a list, an exception) and refuses what is of the wrong form.
// The sentences are Falco's.
import { nearestName } from '../../../../infra/text/nearest.js'
import type { FilePlace } from '../../read/file-place.js'
import type { PlacedText } from '../definitions.js'
import { ItemError } from '../../read/load-report.js'
import type { LoadReport } from '../../read/load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'

const TRUE_WORDS = new Set(['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON'])
const FALSE_WORDS = new Set(['false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF'])

/** One item: its node, and the name that messages give it. */
export class ItemReader {
  readonly node: YamlNode
  readonly name: string | null

  constructor(node: YamlNode, name: string | null) {
    this.node = node
    this.name = name
  }

  get place(): FilePlace {
    return this.node.place
  }

  fail(message: string, place: FilePlace = this.place): never {
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', message, this.name, place)
  }

  has(key: string): boolean {
    return this.node.entries.has(key)
  }
  get(key: string): YamlNode | undefined {
    return this.node.entries.get(key)?.value
  }
  placeOf(key: string): FilePlace {
    return this.node.entries.get(key)?.keyPlace ?? this.place
  }

  /** A text that must be there. */
  text(key: string): PlacedText {
    const value = this.get(key) ?? this.fail(`Item has no mapping for key '${key}'`)
    if (value.kind === 'null') this.fail(`Mapping for key '${key}' is empty`, value.place)
    if (value.kind !== 'scalar') this.fail('Value is not a scalar value', value.place)
    if (value.text === '') this.fail('Value must be non-empty', value.place)
    return { text: value.text, places: value.places }
  }

  optionalText(key: string): PlacedText | undefined {
    return this.has(key) ? this.text(key) : undefined
  }

  optionalBoolean(key: string): boolean | undefined {
    if (!this.has(key)) return undefined
    const { text, places } = this.text(key)
    if (TRUE_WORDS.has(text)) return true
    if (FALSE_WORDS.has(text)) return false
    return this.fail(`Can't decode YAML scalar value: '${key}' must be true or false`, places.start)
  }

  optionalNumber(key: string): number | undefined {
    if (!this.has(key)) return undefined
    const { text, places } = this.text(key)
    if (!/^[0-9]{1,10}$/.test(text)) this.fail(`Can't decode YAML scalar value: '${key}' must be a whole number`, places.start)
    return Number(text)
  }

  /** A sequence of texts that must be there. */
  texts(key: string): string[] {
    const value = this.get(key) ?? this.fail(`Item has no mapping for key '${key}'`)
    if (value.kind !== 'sequence') this.fail('Value is not a sequence', value.place)
    return value.items.map((item) => {
      if (item.kind !== 'scalar') this.fail('sequence value is not scalar', item.place)
      return item.text
    })
  }

  /** Warns of keys that mean nothing here, with the nearest that does. */
  warnUnknownKeys(known: readonly string[], report: LoadReport, kind: string): void {
    for (const [key, { keyPlace }] of this.node.entries) {
      if (known.includes(key)) continue
      const near = nearestName(key, known)
      report.warn(
        'LOAD_UNKNOWN_KEY',
        `Unknown key '${key}' in ${kind}${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
        this.name,
        keyPlace,
      )
    }
  }
}
