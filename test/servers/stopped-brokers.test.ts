import { KAFKA_STOP } from './kafka.ts';
import { testServers } from './test-servers.ts';

testServers('stopped brokers', [KAFKA_STOP]);
