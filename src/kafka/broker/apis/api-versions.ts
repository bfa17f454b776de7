/*
 * ApiVersions: which APIs and versions are served. A version that is not served is answered in
 * version 0 with UNSUPPORTED_VERSION and the list, so that the client can try again (KIP-511).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api, API_VERSIONS_KEY, type Api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { array, bool, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  clientSoftwareName: string('3+'),
  clientSoftwareVersion: string('3+'),
};

const response = {
  errorCode: int16(),
  apiKeys: array({
    apiKey: int16(),
    minVersion: int16(),
    maxVersion: int16(),
  }),
  throttleTimeMs: int32('1+').or(0),
  supportedFeatures: array(
    {
      name: string('3+').or(''),
      minVersion: int16('3+').or(0),
      maxVersion: int16('3+').or(0),
    },
    '3+',
  )
    .tagged(0, '3+')
    .or([]),
  finalizedFeaturesEpoch: int64('3+').tagged(1, '3+').or(-1),
  finalizedFeatures: array(
    {
      name: string('3+').or(''),
      maxVersionLevel: int16('3+').or(0),
      minVersionLevel: int16('3+').or(0),
    },
    '3+',
  )
    .tagged(2, '3+')
    .or([]),
  zkMigrationReady: bool('3+').tagged(3, '3+').or(false),
};

export const apiVersions = api({
  key: API_VERSIONS_KEY,
  name: 'ApiVersions',
  versions: '0-3',
  flexibleFrom: 3,
  plainResponseHeader: true,
  request,
  response,
  handle(
    { clientSoftwareName, clientSoftwareVersion },
    { version, versionUnsupported, servedApis },
  ) {
    if (versionUnsupported) {
      const own = servedApis.filter(({ key }) => key === API_VERSIONS_KEY);
      return { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: own.map(describe) };
    }
    const named = SOFTWARE.test(clientSoftwareName) && SOFTWARE.test(clientSoftwareVersion);
    if (version >= FIRST_WITH_SOFTWARE && !named) {
      return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] };
    }
    return { errorCode: ErrorCode.NONE, apiKeys: servedApis.map(describe) };
  },
});

const FIRST_WITH_SOFTWARE = 3;
/** Names and versions of clients that Kafka accepts. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

function describe({ key, versions }: Api) {
  return { apiKey: key, minVersion: versions.from, maxVersion: versions.to };
}
