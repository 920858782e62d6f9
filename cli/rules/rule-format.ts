// The language of the rules of a request.
import { UsageError } from '../../infra/process/errors.js'

/** Falco where a request names none. @throws UsageError for one that is none */
export function requestLanguage({ format = 'falco' }: Readonly<Record<string, unknown>>): { readonly language: 'falco' | 'sigma' } {
  if (format !== 'falco' && format !== 'sigma') throw new UsageError("format: expected 'falco' or 'sigma'")
  return { language: format }
}
