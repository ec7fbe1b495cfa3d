import { KAFKA } from './kafka.ts';
import { RABBITMQ } from './rabbitmq.ts';
import { testServers } from './test-servers.ts';

// Virtual machines that take ten seconds and half a gigabyte to start: beside all the others they would slow down each row.
testServers('brokers', [RABBITMQ, KAFKA]);
