// Events of Windows as JSON dumps of .evtx files have them, {"Event": {"System": …, "EventData": …}}, to the flat names that Sigma rules use.
type Json = Readonly<Record<string, unknown>>

/** Deepest part that is looked into. */
const MAX_DEPTH = 4

/** Is a given object an event as Windows' event log exports it? */
export function isWindowsEvent(value: Json): boolean {
  return isJson(value['Event']) && Object.keys(value).length === 1
}

/** Names of EventData come last: they win over names of System, as in the fields that log shippers make of both. */
export function windowsFields(value: Json): Json {
  const fields: Record<string, unknown> = {}
  const { Event: event } = value
  if (!isJson(event)) return fields
  addParts(event['System'], fields, 0)
  const provider = isJson(event['System']) ? attributesOf(event['System']['Provider']) : {}
  if (provider['Name'] !== undefined) set(fields, 'Provider_Name', provider['Name'])
  addParts(event['UserData'], fields, 0)
  addParts(event['EventData'], fields, 0)
  return fields
}

function addParts(value: unknown, fields: Record<string, unknown>, depth: number): void {
  if (!isJson(value) || depth > MAX_DEPTH) return
  for (const [name, part] of Object.entries(value)) {
    if (name === '#attributes') continue
    if (name === 'Data') addData(part, fields)
    else if (!isJson(part)) set(fields, name, part)
    else if (part['#text'] !== undefined) set(fields, name, part['#text'])
    else {
      for (const [attribute, held] of Object.entries(attributesOf(part))) set(fields, attribute, held)
      addParts(part, fields, depth + 1)
    }
  }
}

/** `<Data Name="x">v</Data>`, once or several times. */
function addData(given: unknown, fields: Record<string, unknown>): void {
  for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
    if (!isJson(one)) continue
    const { Name: name } = attributesOf(one)
    if (typeof name === 'string') set(fields, name, one['#text'] ?? null)
  }
}

function attributesOf(value: unknown): Json {
  const attributes = isJson(value) ? value['#attributes'] : undefined
  return isJson(attributes) ? attributes : {}
}

/** Own property whatever the name is called. */
function set(fields: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
