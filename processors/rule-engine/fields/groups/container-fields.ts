// Fields of the container: `container.*`. All but the id depend on facts from the runtime, which may arrive after the event.
import type { ContainerFacts, ContainerMount } from '../../../../schemas/generated/types.js'
import { toByteText } from '../../text/byte-text.js'
import { matchesGlob } from '../../../../infra/text/glob.js'
import {
  CONTAINER_ID_SOURCE,
  containerIdValue,
  fullContainerIdValue,
  factValue,
  isOnHost,
  podLabels,
  podLabelsText,
} from '../record/container-knowledge.js'
import { factText, podText, textOf } from '../record/record-readings.js'
import { inEveryTopic } from '../bytes/byte-plan.js'
import { field, fromEvent, missing, type FieldArgument, type FieldDefinition, type FieldExtractor, type FieldReading } from '../field.js'
import { nanoseconds, type FieldValue } from '../field-value.js'

const FACTS = { needsFacts: true }
const MOUNT = { needsFacts: true, argument: 'requiredIndexOrKey' } as const
const LABEL = { needsFacts: true, argument: 'requiredKey' } as const
const NOT_REQUESTED = 'it is not requested from runtimes'
const MOUNT_FIELDS = 'mounts ContainerMount.source ContainerMount.destination ContainerMount.isWritable ContainerMount.propagation'

/** @param names fields of ContainerFacts, separated by spaces */
const fact = (names: string, read: (facts: ContainerFacts) => FieldValue): FieldReading =>
  fromEvent(factSource(names), (ruleEvent) => factValue(ruleEvent, read), inEveryTopic({ kind: 'onHost', text: null }))
const factSource = (names: string): string =>
  names
    .split(' ')
    .map((name) => (name.includes('.') ? name : `ContainerFacts.${name}`))
    .join(' ')

/** `SOURCE:DESTINATION:MODE:RDWR:PROPAGATION`, as Falco writes a mount. */
function mountText(mount: ContainerMount): string {
  return toByteText(`${mount.source}:${mount.destination}::${String(mount.isWritable)}:${mount.propagation}`)
}

/** The mount with this number, or the first whose path matches the glob. */
function findMount(facts: ContainerFacts, argument: FieldArgument, side: 'source' | 'destination'): ContainerMount | undefined {
  if (typeof argument === 'number') return facts.mounts[argument]
  return facts.mounts.find((mount) => matchesGlob(String(argument), toByteText(mount[side])))
}

/** A text of the mount that the argument finds by `side`. */
const ofMount = (source: string, side: 'source' | 'destination', read: (mount: ContainerMount) => string): FieldReading =>
  fromEvent(factSource(source), (ruleEvent, argument) =>
    factValue(ruleEvent, (facts) => {
      const found = findMount(facts, argument, side)
      return found === undefined ? undefined : read(found)
    }),
  )
const mountPart = (side: 'source' | 'destination', key: keyof ContainerMount): FieldReading =>
  ofMount(`mounts ContainerMount.${side} ContainerMount.${key}`, side, (mount) => toByteText(String(mount[key])))

const hostOrName: FieldExtractor = (ruleEvent) => (isOnHost(ruleEvent) ? 'host' : factValue(ruleEvent, ({ name }) => textOf(name)))
const hostOrMissing: FieldExtractor = (ruleEvent) => (isOnHost(ruleEvent) ? 'host' : factValue(ruleEvent, () => undefined))

const HOST = inEveryTopic({ kind: 'onHost', text: 'host' })
const READINGS = {
  privileged: fact('isPrivileged', ({ isPrivileged }) => isPrivileged),
  mounts: fact(MOUNT_FIELDS, ({ mounts }) => mounts.map(mountText).join(',')),
  mount: ofMount(MOUNT_FIELDS, 'source', mountText),
  mode: ofMount('mounts ContainerMount.source', 'source', () => ''),
  label: fromEvent('ContainerFacts.labels', (ruleEvent, name) =>
    factValue(ruleEvent, ({ labels }) => textOf(Object.hasOwn(labels, String(name)) ? labels[String(name)] : null)),
  ),
  labels: fact('labels', ({ labels }) => podLabelsText(labels)),
  created: fact('createdAtUs', ({ createdAtUs }) => nanoseconds(createdAtUs)),
  age: fromEvent('ContainerFacts.createdAtUs Origin.wallTimeUs', (ruleEvent) =>
    factValue(ruleEvent, ({ createdAtUs }) => nanoseconds(Math.max(0, ruleEvent.event.record.origin.wallTimeUs - createdAtUs))),
  ),
}

/** The fields of this group, as lists show them. */
export const CONTAINER_FIELDS: readonly FieldDefinition[] = [
  field(
    'container.id',
    'CHARBUF',
    'host, the first 12 digits of the id, or unknown.',
    fromEvent(CONTAINER_ID_SOURCE, containerIdValue, HOST),
    FACTS,
  ),
  field(
    'container.full_id',
    'CHARBUF',
    'host, the whole id, or unknown.',
    fromEvent(CONTAINER_ID_SOURCE, fullContainerIdValue, HOST),
    FACTS,
  ),
  field(
    'container.name',
    'CHARBUF',
    'host, or the name of the container.',
    fromEvent(`${CONTAINER_ID_SOURCE} ContainerFacts.name`, hostOrName),
    FACTS,
  ),
  field('container.image', 'CHARBUF', 'Image as requested.', factText('image'), FACTS),
  field('container.image.id', 'CHARBUF', 'Id of the image.', factText('imageId'), FACTS),
  field('container.image.repository', 'CHARBUF', 'Image without tag and digest.', factText('imageRepository'), FACTS),
  field('container.image.tag', 'CHARBUF', 'Tag of the image.', factText('imageTag'), FACTS),
  field('container.image.digest', 'CHARBUF', 'Digest of the image in its registry.', factText('imageDigest'), FACTS),
  field('container.type', 'CHARBUF', 'host; absent in containers.', fromEvent(CONTAINER_ID_SOURCE, hostOrMissing), FACTS),
  field('container.privileged', 'BOOL', 'Started with all privileges.', READINGS.privileged, FACTS),
  field('container.mounts', 'CHARBUF', 'All mounts, joined by commas.', READINGS.mounts, FACTS),
  field('container.mount', 'CHARBUF', 'A mount by number, or by glob of its source.', READINGS.mount, MOUNT),
  field(
    'container.mount.source',
    'CHARBUF',
    'Source of a mount by number, or by glob of its destination.',
    mountPart('destination', 'source'),
    MOUNT,
  ),
  field(
    'container.mount.dest',
    'CHARBUF',
    'Destination of a mount by number, or by glob of its source.',
    mountPart('source', 'destination'),
    MOUNT,
  ),
  field('container.mount.mode', 'CHARBUF', 'Mode of a mount.', READINGS.mode, MOUNT),
  field('container.mount.rdwr', 'CHARBUF', 'true for a writable mount.', mountPart('source', 'isWritable'), MOUNT),
  field('container.mount.propagation', 'CHARBUF', 'Propagation of a mount.', mountPart('source', 'propagation'), MOUNT),
  field('container.label', 'CHARBUF', 'A label of the container by name.', READINGS.label, LABEL),
  field('container.labels', 'CHARBUF', 'All labels of the container.', READINGS.labels, FACTS),
  field('container.start_ts', 'UINT64', 'Creation of the container: nanoseconds since 1970.', READINGS.created, FACTS),
  field('container.duration', 'RELTIME', 'Age of the container at the event, nanoseconds.', READINGS.age, FACTS),
  missing('container.healthcheck', 'CHARBUF', 'Health check of the container.', NOT_REQUESTED),
  missing('container.liveness_probe', 'CHARBUF', 'Liveness probe of the container.', NOT_REQUESTED),
  missing('container.readiness_probe', 'CHARBUF', 'Readiness probe of the container.', NOT_REQUESTED),
  missing('container.ip', 'CHARBUF', 'Address of the container.', NOT_REQUESTED),
  missing('container.cni.json', 'CHARBUF', 'Network set-up of the pod.', NOT_REQUESTED),
  missing('container.user', 'CHARBUF', 'User of the container.', NOT_REQUESTED),
  missing('container.host_pid', 'BOOL', 'The container shares the pid namespace of the host.', NOT_REQUESTED),
  missing('container.host_network', 'BOOL', 'The container shares the network of the host.', NOT_REQUESTED),
  missing('container.host_ipc', 'BOOL', 'The container shares the IPC namespace of the host.', NOT_REQUESTED),
  missing('container.is_pod_sandbox', 'BOOL', 'The container is the sandbox of a pod.', NOT_REQUESTED),
  field('container.k8s.pod.name', 'CHARBUF', 'Name of the pod.', podText('name'), FACTS),
  field('container.k8s.pod.id', 'CHARBUF', 'Uid of the pod.', podText('uid'), FACTS),
  field('container.k8s.ns.name', 'CHARBUF', 'Namespace of the pod.', podText('namespace'), FACTS),
  field('container.k8s.pod.labels', 'CHARBUF', 'Labels of the pod.', fact('pod labels', podLabels), {
    needsFacts: true,
    plurality: 'list',
  }),
]
