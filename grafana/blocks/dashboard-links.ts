import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** Fixed for ever: bookmarks, alerts and the links between the dashboards use them. */
export const UIDS = {
  overview: 'finrst-overview',
  peer: 'finrst-peer',
  fleet: 'finrst-fleet',
  self: 'finrst-self',
} as const;

/** The tag that ties the dashboards together in the bar at the top. */
export const TAG = 'finrst';

const CARRIED =
  '${datasource:queryparam}&${cluster:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}';

/** From a series of `group` and `peer` to that peer, over the same time. */
export function linkToPeerOfSeries(): DashboardLinkBuilder {
  return linkToPeer('${__field.labels.group}', '${__field.labels.peer}');
}

/** From a row of a table with the columns `group` and `peer`. */
export function linkToPeerOfRow(): DashboardLinkBuilder {
  return linkToPeer('${__data.fields.group}', '${__data.fields.peer}');
}

function linkToPeer(group: string, peer: string): DashboardLinkBuilder {
  return link(`Peer ${peer}`, `/d/${UIDS.peer}?${CARRIED}&var-group=${group}&var-peer=${peer}`);
}

/** From a series or row of `group` to the overview of that group. */
export function linkToGroup(from: 'series' | 'row'): DashboardLinkBuilder {
  const group = from === 'series' ? '${__field.labels.group}' : '${__data.fields.group}';
  return link(`Overview of ${group}`, `/d/${UIDS.overview}?${CARRIED}&var-group=${group}`);
}

/** A link from a number to the dashboard that explains it. */
export function linkTo(dashboard: keyof typeof UIDS, title: string): DashboardLinkBuilder {
  return link(title, `/d/${UIDS[dashboard]}?${CARRIED}`);
}

function link(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(false);
}

/**
 * Where the documentation is published. It is the beginning of every `runbook_url` in the rules, too, and the chart replaces
 * both by its `prometheusRule.runbookBaseUrl`.
 */
export const DOCS = 'https://finrst.example/docs';

/** Where people open the pages of Finrst: its `--web.external-url`. The chart writes its `web.externalUrl` there. */
export const PAGE = 'https://finrst-page.example';

/** From a row of a table with the column `runbook` to what to do about that alert. */
export function linkToRunbookOfRow(): DashboardLinkBuilder {
  return link('What to do', `${DOCS}/alerts.md#${'${__data.fields.runbook}'}`).targetBlank(true);
}

/** The bar at the top: the other dashboards, with the same variables and time. */
export function otherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Finrst')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true);
}
