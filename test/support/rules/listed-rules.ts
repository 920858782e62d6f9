// Rules to list: one that can fire, one that is off, one that waits for an event type, and one of Sigma.
import { loadRules } from '../../../processors/rule-engine/load/load-rules.js'

const RULES = `
- rule: Shell started
  desc: somebody starts one
  condition: evt.type = execve
  output: o
  priority: INFO
  tags: [attack.t1059.004, mitre_execution]
- rule: Off
  desc: d
  condition: evt.type = execve
  output: o
  priority: INFO
  enabled: false
- rule: Waits
  desc: d
  condition: evt.type = nanosleep
  output: o
  priority: INFO
  tags: [T1070]
---
title: Of Sigma
id: 1d5b0d4e-0000-4000-8000-000000000001
description: about shells
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /x}, condition: s}
tags: [attack.t1105]
`

/** The four rules, loaded. */
export const LISTED_RULES = loadRules([{ name: 'r.yaml', text: RULES }]).ruleSet.rules
