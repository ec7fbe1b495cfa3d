import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { selector } from './selector.ts';
import { worstFirst } from './trouble.ts';

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

const ALL = { selected: true, text: ['All'], value: ['$__all'] };

/** Many or all. A regular expression for all keeps the query short however many there are. */
function many(variable: QueryVariableBuilder, all: '.+' | '.*' = '.+'): QueryVariableBuilder {
  return variable.multi(true).includeAll(true).allValue(all).current(ALL);
}

/** `.*` for all: most installations have no such label, and it must match there too. */
function clusterVariable(): QueryVariableBuilder {
  return many(queryVariable('cluster', 'Cluster', 'label_values(finrst_build_info, cluster)'), '.*');
}

function jobVariable(): QueryVariableBuilder {
  return many(queryVariable('job', 'Job', 'label_values(finrst_build_info{cluster=~"$cluster"}, job)'));
}

function instanceVariable(): QueryVariableBuilder {
  const query = 'label_values(finrst_build_info{cluster=~"$cluster", job=~"$job"}, instance)';
  return many(queryVariable('instance', 'Instance', query));
}

/** Which Finrst: the first variables of every dashboard. */
export function daemonVariables(): (DatasourceVariableBuilder | QueryVariableBuilder)[] {
  return [datasourceVariable(), clusterVariable(), jobVariable(), instanceVariable()];
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

/** How many peers the timeline and the list beside it show. */
export function showVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder('show')
    .label('Show')
    .values('the worst 20 : 20, the worst 50 : 50, the worst 200 : 200')
    .current({ selected: true, text: 'the worst 20', value: '20' });
}

/**
 * The names of the worst peers, all of them chosen at once. One instant query finds them, so that the panels read the series
 * of these alone: a chart over hours that selects for itself reads those of all peers at each of its points.
 */
export function worstVariable(): QueryVariableBuilder {
  return queryVariable('worst', 'Worst', `query_result(topk($show, ${worstFirst('groups')}))`.replaceAll(/\s+/g, ' '))
    .regex('/peer="([^"]+)"/')
    .sort(VariableSort.Disabled)
    .hide(VariableHide.HideVariable)
    .multi(true)
    .includeAll(true)
    .current(ALL);
}
