import { kafkaErrors } from '../protocol/error-codes.js';
import { judge } from './verdict.js';

describe('the verdict on an answer', () => {
  it.each([
    ['NONE', false, { kind: 'stored' }],
    ['MESSAGE_TOO_LARGE', false, { kind: 'refused' }],
    ['INVALID_RECORD', false, { kind: 'refused' }],
    ['TOPIC_AUTHORIZATION_FAILED', false, { kind: 'denied' }],
    ['NOT_LEADER_OR_FOLLOWER', false, { kind: 'again', perhapsStored: false }],
    ['REQUEST_TIMED_OUT', false, { kind: 'again', perhapsStored: true }],
    ['UNKNOWN_SERVER_ERROR', false, { kind: 'again', perhapsStored: true }],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', true, { kind: 'renumber' }],
    ['UNKNOWN_PRODUCER_ID', false, { kind: 'renumber' }],
    ['UNKNOWN_PRODUCER_ID', true, { kind: 'unknown' }],
    ['INVALID_PRODUCER_EPOCH', false, { kind: 'new-producer' }],
    ['INVALID_PRODUCER_EPOCH', true, { kind: 'unknown' }],
    ['DUPLICATE_SEQUENCE_NUMBER', true, { kind: 'unknown' }],
  ] as const)('%s, an earlier try unknown: %s', (name, perhapsStored, verdict) => {
    expect(judge(kafkaErrors[name], 't', perhapsStored)).toMatchObject(verdict);
  });
});
