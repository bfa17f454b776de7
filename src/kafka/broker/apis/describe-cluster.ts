/*
 * DescribeCluster: this broker, which is all of the cluster.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, bool, int16, int32, int8, string } from '../protocol/types.js';

const request = {
  includeClusterAuthorizedOperations: bool(),
  endpointType: int8('1+').or(1),
  includeFencedBrokers: bool('2+').or(false),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
  errorMessage: string().nullable().or(null),
  endpointType: int8('1+').or(1),
  clusterId: string(),
  controllerId: int32().or(-1),
  brokers: array({
    brokerId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().or(null),
    isFenced: bool('2+').or(false),
  }),
  clusterAuthorizedOperations: int32().or(-2147483648),
};

export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexibleFrom: 0,
  request,
  response,
  handle({ endpointType }, { broker }) {
    const errorCode = errorOfEndpointType(endpointType);
    if (errorCode !== ErrorCode.NONE) {
      return { errorCode, endpointType: BROKER_ENDPOINT, clusterId: '', brokers: [] };
    }
    const { nodeId, host, port, clusterId } = broker.node;
    return {
      errorCode,
      clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, host, port }],
    };
  },
});

/** Kinds of listeners (KIP-919). */
const BROKER_ENDPOINT = 1;
const CONTROLLER_ENDPOINT = 2;

/** Controllers have no listener of their own here. */
function errorOfEndpointType(endpointType: number): ErrorCode {
  if (endpointType === BROKER_ENDPOINT) return ErrorCode.NONE;
  return endpointType === CONTROLLER_ENDPOINT
    ? ErrorCode.MISMATCHED_ENDPOINT_TYPE
    : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE;
}
