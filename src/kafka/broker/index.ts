/** What the package `millrace` exports as `millrace/broker`: the broker, for other people's tests. */
export { startBroker, type RunningBroker, type StartBrokerOptions } from './start-broker.js';
export { InvalidSetting } from './check-settings.js';
export { DataDirectoryInUse, DataDirectoryLost } from './directory-lock.js';
export { HardLinksMissing } from './lock-file.js';
export { KafkaError } from './protocol/error-codes.js';
export {
  MalformedCredentials,
  UnusableCertificate,
  UnusableUsersFile,
} from './security/security.errors.js';
export { DamagedFile } from './topics/damaged-file.js';
export { TopicKeptTwice, TopicMisplaced } from './topics/topic-files.js';
