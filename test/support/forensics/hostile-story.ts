// A story in which every text that an attacker can choose is the given one.
import { type Story, StoryBuilder } from '../../../processors/forensics/story/story.js'
import { sampleContainerFacts } from '../records/sample-records.js'
import { hostileAlert } from '../records/hostile-alert.js'
import { HOST_START_US, HostEvents } from './host-events.js'

/** A shell in a container, what it did, and its child. */
export function hostileStory(text: string): Story {
  const host = new HostEvents()
  const parent = host.spawn(host.init(), 500, '/bin/sh')
  const change = { name: text.slice(0, 15), exePath: `/${text}`, cwd: text, user: text, containerId: 'ab'.repeat(32) }
  const process = host.exec(host.fork(parent, 510), ['/bin/sh', text], change)
  host.file(process, `/tmp/${text}`, { isWrite: true })
  host.file(process, `/etc/${text}`)
  host.network(process, { remoteName: text })
  const child = host.exec(host.fork(process, 511), [text, text], change)
  host.exit(child)
  const alert = hostileAlert(text, {
    process,
    origin: host.origin('file'),
    containerId: 'ab'.repeat(32),
    container: { ...sampleContainerFacts(), name: text, image: text },
  })
  const builder = new StoryBuilder(alert, { fromUs: HOST_START_US, toUs: host.nowUs })
  for (const event of host.events) builder.add(event)
  return builder.story([text])
}
