// What the tests of CMCD share: the judgement of @svta/cml-cmcd, and of what it lets pass.
import assert from 'node:assert/strict';
import { validateCmcdHeaders, validateCmcdRequest } from '@svta/cml-cmcd';

const strings = /(^|,)(sid|cid|nrr)=(?!")/;
const tokens = /(^|,)(ot|sf|st|sta)=(?![a-z]+(,|$))/;

// `parts`: { CMCD: text of the query parameter, decoded } or { 'CMCD-Object': value, … }. Returns the decoded keys. Warnings (a value
// that is not rounded, a version that need not be said) count as errors, and so do strings without quotes, tokens with them, and keys
// that are not in alphabetical order.
export function assertValid(parts, what) {
  const where = `${what}: ${JSON.stringify(parts)}`;
  const { CMCD: text, ...headers } = parts;
  const result = text === undefined
    ? validateCmcdHeaders(headers)
    : validateCmcdRequest({ url: `http://test/?CMCD=${encodeURIComponent(text)}` });
  assert.deepEqual(result.issues, [], where);
  assert.ok(result.valid, where);
  for (const value of Object.values(parts)) {
    assert.doesNotMatch(value, strings, where);
    assert.doesNotMatch(value, tokens, where);
    const keys = Object.keys(validateCmcdRequest({ url: `http://test/?CMCD=${encodeURIComponent(value)}` }).data);
    assert.deepEqual(keys, [...keys].sort(), where);
  }
  return result.data;
}
