// Fields of the container's Kubernetes pod: `k8s.*`. They come from the container labels that the runtime reports.
import { factValue, podLabelsText } from '../record/container-knowledge.js'
import { podText, textOf } from '../record/record-readings.js'
import { field, fromEvent, missing, type FieldDefinition } from '../field.js'

const FACTS = { needsFacts: true }
const LABEL = { needsFacts: true, argument: 'requiredKey' } as const
const SANDBOX = 'the sandbox of a pod is not requested from runtimes'
const CLUSTER = 'the Kubernetes API is not queried'
const OLD = { deprecated: 'is deprecated: it needs the Kubernetes API' }

const LABELS = 'ContainerFacts.pod ContainerFacts.labels'
const label = fromEvent(LABELS, (ruleEvent, name) =>
  factValue(ruleEvent, (facts) =>
    facts.pod !== null && Object.hasOwn(facts.labels, String(name)) ? textOf(facts.labels[String(name)]) : undefined,
  ),
)
const labels = fromEvent(LABELS, (ruleEvent) =>
  factValue(ruleEvent, (facts) => (facts.pod === null ? undefined : podLabelsText(facts.labels))),
)

/** The fields of this group, as lists show them. */
export const KUBERNETES_FIELDS: readonly FieldDefinition[] = [
  field('k8s.ns.name', 'CHARBUF', 'Namespace of the pod.', podText('namespace'), FACTS),
  field('k8s.pod.name', 'CHARBUF', 'Name of the pod.', podText('name'), FACTS),
  field('k8s.pod.id', 'CHARBUF', 'Uid of the pod (old name of k8s.pod.uid).', podText('uid'), FACTS),
  field('k8s.pod.uid', 'CHARBUF', 'Uid of the pod.', podText('uid'), FACTS),
  field('k8s.pod.label', 'CHARBUF', 'A label of the pod by name.', label, LABEL),
  field('k8s.pod.labels', 'CHARBUF', 'All labels of the pod.', labels, FACTS),
  missing('k8s.pod.sandbox_id', 'CHARBUF', 'Short id of the sandbox of the pod.', SANDBOX),
  missing('k8s.pod.full_sandbox_id', 'CHARBUF', 'Id of the sandbox of the pod.', SANDBOX),
  missing('k8s.pod.ip', 'CHARBUF', 'Address of the pod.', SANDBOX),
  missing('k8s.pod.cni.json', 'CHARBUF', 'Network set-up of the pod.', SANDBOX),
  ...['rc', 'svc', 'rs', 'deployment'].flatMap((kind) => [
    missing(`k8s.${kind}.name`, 'CHARBUF', `Name of the ${kind}.`, CLUSTER, OLD),
    missing(`k8s.${kind}.id`, 'CHARBUF', `Id of the ${kind}.`, CLUSTER, OLD),
    missing(`k8s.${kind}.label`, 'CHARBUF', `A label of the ${kind}.`, CLUSTER, { ...OLD, argument: 'requiredKey' }),
    missing(`k8s.${kind}.labels`, 'CHARBUF', `All labels of the ${kind}.`, CLUSTER, OLD),
  ]),
  missing('k8s.ns.id', 'CHARBUF', 'Id of the namespace.', CLUSTER, OLD),
  missing('k8s.ns.label', 'CHARBUF', 'A label of the namespace.', CLUSTER, { ...OLD, argument: 'requiredKey' }),
  missing('k8s.ns.labels', 'CHARBUF', 'All labels of the namespace.', CLUSTER, OLD),
]
