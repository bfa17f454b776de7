/*
 * FindCoordinator: the only broker coordinates every group and every transaction.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, int16, int32, int8, string } from '../protocol/types.js';

const request = {
  key: string('0-3'),
  keyType: int8('1+').or(0),
  coordinatorKeys: array(string(), '4+'),
};

const response = {
  throttleTimeMs: int32('1+').or(0),
  errorCode: int16('0-3').or(0),
  errorMessage: string('1-3').nullable('1-3').or(null),
  nodeId: int32('0-3').or(0),
  host: string('0-3').or(''),
  port: int32('0-3').or(0),
  coordinators: array(
    {
      key: string('4+').or(''),
      nodeId: int32('4+').or(0),
      host: string('4+').or(''),
      port: int32('4+').or(0),
      errorCode: int16('4+').or(0),
      errorMessage: string('4+').nullable('4+').or(null),
    },
    '4+',
  ).or([]),
};

export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: '0-4',
  flexibleFrom: 3,
  request,
  response,
  handle({ key, keyType, coordinatorKeys }, { broker, version }) {
    const { nodeId, host, port } = broker.node;
    const find = (each: string) =>
      keyType === GROUP || keyType === TRANSACTION
        ? { key: each, nodeId, host, port, errorCode: ErrorCode.NONE }
        : { key: each, nodeId: -1, host: '', port: -1, errorCode: ErrorCode.INVALID_REQUEST };
    return version < 4 ? find(key) : { coordinators: coordinatorKeys.map(find) };
  },
});

const GROUP = 0;
const TRANSACTION = 1;
