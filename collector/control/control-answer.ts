// What the control API answers with, and the refusals that its routes throw. A refusal is the client's doing: one sentence, no stack.

/** An answer: JSON, but for a text that says its own type. */
export type ControlAnswer =
  { readonly status: number; readonly body: unknown } | { readonly status: number; readonly text: string; readonly contentType: string }

/** Why a request is refused. */
export class ControlRefusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}
