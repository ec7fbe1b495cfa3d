import { CASSANDRA } from './cassandra.ts';
import { FERRETDB } from './ferretdb.ts';
import { testServers } from './test-servers.ts';
import { ZOOKEEPER } from './zookeeper.ts';

testServers('stores', [ZOOKEEPER, CASSANDRA, FERRETDB]);
