// Formats of rules that requests may name.

/** What a request for Sigma rules is answered. */
export const SIGMA_UNSUPPORTED = 'sigma is not supported yet'
