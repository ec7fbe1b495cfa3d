import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsPanel } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { DataqueryBuilder as TempoQuery, SearchTableType } from '@grafana/grafana-foundation-sdk/tempo';
import { LOKI, TEMPO } from '../blocks/variables.ts';

/** The newest spans of this peer's connections: each row leads to the trace. */
export function tracesOfPeer(): Builder<Panel> {
  return new TablePanel()
    .title('Recent connections and connects')
    .description(
      'Spans of this peer: how each connection ended and how each connect went. Click one to open its trace.',
    )
    .unit('none')
    .datasource({ ...TEMPO })
    .withTarget(
      new TempoQuery()
        .datasource({ ...TEMPO })
        .queryType('traceql')
        .query(
          '{ resource.service.name = "finrst" && span.finrst.group = "$group" && span.finrst.peer = "$peer" } | select(span.finrst.class, span.finrst.reason, span.finrst.connection.duration_s, span.finrst.connection.idle_s)',
        )
        .tableType(SearchTableType.Spans)
        .limit(50)
        .filters([]),
    );
}

/** The log lines that name this peer. */
export function logsOfPeer(): Builder<Panel> {
  return new LogsPanel()
    .title('Log lines')
    .description(
      'What Finrst logged about this peer. trace_id in a line leads to its trace where Loki is set up for it.',
    )
    .unit('none')
    .datasource({ ...LOKI })
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .withTarget(
      new LokiQuery()
        .datasource({ ...LOKI })
        .expr('{service_name="finrst"} | logfmt | group="$group" | peer="$peer"')
        .queryType('range'),
    );
}
