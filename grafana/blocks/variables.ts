import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { selector } from './selector.ts';

/** The data source every panel of Prometheus uses. A variable, so that one file serves every installation. */
export const PROMETHEUS = { type: 'prometheus', uid: '${datasource}' } as const;
export const TEMPO = { type: 'tempo', uid: '${tempo}' } as const;
export const LOKI = { type: 'loki', uid: '${loki}' } as const;

/** The choice of a Prometheus data source. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

/** The choice of a further data source that only some panels need. */
export function furtherDatasourceVariable(type: 'tempo' | 'loki', label: string): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(type).label(label).type(type);
}

function queryVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Many or all. `.+` for all keeps the query short however many there are. */
function many(variable: QueryVariableBuilder): QueryVariableBuilder {
  return variable
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

export function jobVariable(): QueryVariableBuilder {
  return many(queryVariable('job', 'Job', 'label_values(finrst_build_info, job)'));
}

export function instanceVariable(): QueryVariableBuilder {
  return many(queryVariable('instance', 'Instance', 'label_values(finrst_build_info{job=~"$job"}, instance)'));
}

export function groupsVariable(): QueryVariableBuilder {
  return many(queryVariable('group', 'Group', `label_values(${selector('finrst_peers', 'daemon')}, group)`));
}

/** Exactly one group: with the peer it names one peer, for the same target may stand in two groups. */
export function groupVariable(): QueryVariableBuilder {
  return queryVariable('group', 'Group', `label_values(${selector('finrst_connections_total', 'daemon')}, group)`);
}

export function peerVariable(): QueryVariableBuilder {
  return queryVariable('peer', 'Peer', `label_values(${selector('finrst_connections_total', 'group')}, peer)`);
}

/** Any label that the configuration gives its targets: team, cluster, zone. Our own and the scrape's are left out, but for the group. */
export function targetLabelVariable(): QueryVariableBuilder {
  return queryVariable('label', 'Compare by', `label_names(${selector('finrst_peer_info', 'groups')})`).regex(
    '/^(?!__name__$|job$|instance$|peer$|address$)(.+)$/',
  );
}

/** Which peers the long lists show. The value is the least number of ends and failed connects in the range. */
export function showVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder('show')
    .label('Show')
    .values('all peers : 0, peers with trouble in the range : 1')
    .current({ selected: true, text: 'all peers', value: '0' });
}
