// Reads the steps of a pipeline file and reports all mistakes at once. If a pipeline has a mistake, no Sigma rule is evaluated.
import { LoadReport } from '../../read/load-report.js'
import type { RuleFile } from '../../read/rule-file.js'
import { readYamlFile, type YamlNode } from '../../read/yaml-file.js'
import type { Placeholders } from '../values/placeholders.js'
import { FIELD_TRANSFORMATIONS, ruleTransformations, type ReadTransformation } from './change-rule.js'
import { valueTransformations } from './change-values.js'
import type { Pipeline, PipelineStep } from './pipeline.js'
import { readRuleConditions } from './read-conditions.js'
import { refuseName, StepReader } from './step-reader.js'
/** Largest file, characters, and most steps of one. */
const MAX_FILE = 1024 * 1024
const MAX_STEPS = 1000

/** The pipelines of the files in the order of application; null if one has a mistake. */
export function readPipelines(files: readonly RuleFile[], report: LoadReport): readonly Pipeline[] | null {
  const pipelines = files.map((file) => readOrQuarantine(file, report))
  const whole = pipelines.filter((pipeline) => pipeline !== null)
  return whole.length < files.length ? null : whole.toSorted((a, b) => a.priority - b.priority)
}

function readOrQuarantine(file: RuleFile, report: LoadReport): Pipeline | null {
  const own = new LoadReport()
  const pipeline = readPipelineFile(file, own)
  const [error] = own.errors.map(({ code, message, item, place }) => report.error(code, message, item, place))
  if (error === undefined) return pipeline
  report.quarantine('file', file.name, error)
  return null
}

function readPipelineFile({ name, text }: RuleFile, report: LoadReport): Pipeline | null {
  const fail = (message: string): null => {
    report.error('LOAD_ERR_VALIDATE', message, null, { file: name, line: 1, column: 1 })
    return null
  }
  if (text.length > MAX_FILE) return fail(`the pipeline is larger than ${String(MAX_FILE)} characters`)
  const yaml = readYamlFile(name, text)
  if ('problem' in yaml) {
    report.error('LOAD_ERR_YAML_PARSE', yaml.problem, null, yaml.place)
    return null
  }
  const [node, second] = yaml.documents
  if (node === undefined || second !== undefined) return fail('a pipeline is one YAML document')
  const read: Pipeline[] = []
  report.attempt(() => read.push(readPipeline(node, name, report)))
  return read[0] ?? null
}

function readPipeline(node: YamlNode, file: string, report: LoadReport): Pipeline {
  const reader = new StepReader(node, 'the pipeline')
  const name = reader.optionalText('name') ?? file
  const priority = Number(reader.optionalText('priority') ?? '0')
  if (!Number.isFinite(priority)) reader.fail("'priority' must be a number", 'priority')
  // Keys about backends and sharing have no meaning here.
  for (const key of ['allowed_backends', 'description', 'author']) reader.node(key)
  for (const key of ['postprocessing', 'finalizers']) {
    if (reader.node(key) !== null) reader.fail(`'${key}' is not supported: it works on the text of queries, and no query is made here`, key)
  }
  const variables = reader.node('vars') === null ? {} : Object.fromEntries(reader.mapping('vars'))
  const steps = readSteps(reader, name, variables, report)
  reader.done()
  return { name, priority, steps }
}

function readSteps(reader: StepReader, name: string, variables: Placeholders, report: LoadReport): PipelineStep[] {
  const nodes = reader.items('transformations')
  if (nodes.length > MAX_STEPS) reader.fail(`has more than ${String(MAX_STEPS)} transformations`, 'transformations')
  const known = { ...FIELD_TRANSFORMATIONS, ...valueTransformations(variables), ...ruleTransformations(name) }
  const steps: PipelineStep[] = []
  for (const node of nodes) report.attempt(() => steps.push(readStep(node, known)))
  return steps
}

function readStep(node: YamlNode, known: Readonly<Record<string, ReadTransformation>>): PipelineStep {
  const type = new StepReader(node, 'a transformation').text('type')
  const reader = new StepReader(node, `transformation '${type}'`)
  reader.text('type')
  const read = Object.hasOwn(known, type) ? known[type] : undefined
  if (read === undefined) return refuseName(reader, 'transformation', type, Object.keys(known))
  const step: PipelineStep = {
    id: reader.optionalText('id'),
    place: reader.place,
    appliesTo: readRuleConditions(reader),
    transformation: read(reader),
  }
  reader.done()
  return step
}
