/** Builds what the suites need of Go, and fetches what they only read, one after the other in one cache, so that none of them waits for it. */
import { buildPrometheus3 } from '../deploy/prometheus-3.ts';
import { operatorDefinitions } from '../kubernetes/cluster/operator-definitions.ts';
import { buildClusterPrograms } from '../kubernetes/cluster/programs.ts';
import { buildPgxPool } from '../observe/clients/build-pgx-pool.ts';
import { buildOracle } from '../parity/build-oracle.ts';
import { buildGrpcServer } from '../servers/build-grpc-server.ts';
import { fetchJars, JARS } from '../servers/fetch-jars.ts';
import { buildFerretdb } from '../servers/build-ferretdb.ts';
import { buildMochiServer } from '../servers/build-mochi-server.ts';
import { buildMysqlServer } from '../servers/build-mysql-server.ts';
import { buildCollector } from '../spans/build-collector.ts';

const { prometheus, promtool } = await buildPrometheus3();
const ofCluster = Object.values(await buildClusterPrograms());
const programs = [
  prometheus,
  promtool,
  await buildCollector(),
  await buildOracle(),
  await buildPgxPool(),
  await buildGrpcServer(),
  await buildMochiServer(),
  await buildMysqlServer(),
  await buildFerretdb(),
  ...ofCluster,
];
await operatorDefinitions();
for (const jars of Object.values(JARS)) await fetchJars(jars);
for (const program of programs) process.stdout.write(`${program}\n`);
