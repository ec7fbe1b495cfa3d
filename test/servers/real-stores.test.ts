import { testServers } from './test-servers.ts';
import { ZOOKEEPER } from './zookeeper.ts';

testServers('stores', [ZOOKEEPER]);
