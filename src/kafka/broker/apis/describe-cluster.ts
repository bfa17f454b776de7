/*
 * DescribeCluster: this broker, which is all of the cluster.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, bool, int16, int32, string } from '../protocol/types.js';

const request = {
  includeClusterAuthorizedOperations: bool(),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
  errorMessage: string().nullable().or(null),
  clusterId: string(),
  controllerId: int32().or(-1),
  brokers: array({
    brokerId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().or(null),
  }),
  clusterAuthorizedOperations: int32().or(-2147483648),
};

export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-0',
  flexibleFrom: 0,
  request,
  response,
  handle(_input, { broker }) {
    const { nodeId, host, port, clusterId } = broker.node;
    return {
      errorCode: ErrorCode.NONE,
      clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, host, port }],
    };
  },
});
