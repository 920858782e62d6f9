// The operator `regex`: RE2, anchored at both ends. RE2 runs in linear time, so no rule can block a partition. Only this file knows re2.
import RE2 from 're2'
import { messageOf } from '../../../infra/errors.js'
import { fromByteText } from './byte-text.js'

/** A matcher of byte text (bytes that are no UTF-8 count as U+FFFD), or what is wrong with the pattern. */
export function compileRegularExpression(pattern: string): ((text: string) => boolean) | { readonly problem: string } {
  try {
    // By itself first: a parenthesis too many must not close the group that the pattern is put in.
    new RE2(fromByteText(pattern), 'u')
    const expression = new RE2(`^(?:${fromByteText(pattern)})$`, 'u')
    return (text) => expression.test(fromByteText(text))
  } catch (error) {
    return { problem: `invalid regex pattern: ${messageOf(error)}` }
  }
}
