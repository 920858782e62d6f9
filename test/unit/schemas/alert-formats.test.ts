// Each format is one line of well-formed text.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ALERT_FORMATS, alertWriter, jsonText } from '../../../schemas/alert-formats.js'
import { arbitraryAlert, hostileAlert, hostileAlerts } from '../../support/records/hostile-alert.js'
import { testAlert } from '../../support/records/test-alert.js'

describe('the formats of alerts', () => {
  it('are one line each, and the JSON of three of them can be parsed', () => {
    for (const format of ALERT_FORMATS) {
      const write = alertWriter(format)
      const check = (line: string): void => {
        assert.ok(!/[\r\n]/.test(line))
        if (format !== 'cef') assert.equal(typeof JSON.parse(line), 'object')
      }
      for (const alert of hostileAlerts()) check(write(alert))
      fc.assert(fc.property(arbitraryAlert(), (alert) => check(write(alert))))
    }
  })

  it('have no lone surrogate, and keep pairs and text that looks like an escape', () => {
    const text = 'lone \ud800 and \udfff, pair \ud83d\ude00, text \\ud800 \\\\udfff'
    const written = JSON.parse(jsonText({ text })) as { text: string }
    assert.equal(written.text, 'lone \ufffd and \ufffd, pair \ud83d\ude00, text \\ud800 \\\\udfff')
    for (const format of ALERT_FORMATS) {
      const bytes = Buffer.from(alertWriter(format)(hostileAlert(text)))
      assert.ok(!bytes.toString().includes('"lone \\ud800'))
    }
  })

  it('the native one is the record of the topic', () => {
    assert.deepEqual(JSON.parse(alertWriter('json')(testAlert())), testAlert())
  })
})
