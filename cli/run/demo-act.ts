// The one harmless suspicious act of `run --demo`: reads a file of credentials and throws it away, so that there is an alert to see.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What is said before it is done. */
export const DEMO_TEXT = 'demo: reading /etc/shadow with cat and throwing it away, so that there is something to see'

/** Does it; resolves when the child has ended, however it ended. */
export async function demoAct(): Promise<void> {
  const child = spawn('cat', ['/etc/shadow'], { stdio: 'ignore' })
  await Promise.race([once(child, 'close'), once(child, 'error')])
}
