import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SEVERITY_COLOURS } from './palette.ts';
import { activeSince, selector } from './selector.ts';
import { PROMETHEUS } from './variables.ts';
import { PAGE } from './dashboard-links.ts';

/** The value of these is a time in seconds; Grafana wants milliseconds, and draws the mark there and not at the scrape. */
function markAt(name: string, colour: string, family: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource({ ...PROMETHEUS })
    .enable(true)
    .iconColor(colour)
    .expr(`${selector(family, 'daemon')} * 1000`)
    .useValueForTime(true)
    .step('60s')
    .titleFormat(name)
    .textFormat(text)
    .tagKeys('job,instance');
}

/** Restarts, reloads and refused reloads, the first suspects when everything drops at once; and the times when it did. */
export function annotations(): AnnotationQueryBuilder[] {
  return [
    markAt('Finrst started', 'blue', 'process_start_time_seconds', '{{instance}}: every connection was made anew'),
    markAt(
      'Configuration loaded',
      'super-light-blue',
      'finrst_config_last_reload_success_timestamp_seconds',
      '{{instance}}: started with it or reloaded it',
    ),
    // `bool`: Grafana marks the values above 0. They follow each other step by step, so it draws a region.
    new AnnotationQueryBuilder()
      .name('Reload refused')
      .datasource({ ...PROMETHEUS })
      .enable(true)
      .iconColor(SEVERITY_COLOURS.warning)
      .expr(`${selector('finrst_config_last_reload_successful', 'daemon')} == bool 0`)
      .step('60s')
      .titleFormat('Reload refused')
      .textFormat('{{instance}} runs on the configuration before')
      .tagKeys('job,instance'),
  ];
}

/** When an alert began to say that many peers dropped together. Only for dashboards that choose groups. */
export function massDisconnects(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Many peers dropped')
    .datasource({ ...PROMETHEUS })
    .enable(true)
    .iconColor(SEVERITY_COLOURS.critical)
    .expr(`${activeSince('alertname=~"Finrst(Mass|Group)Disconnect"')} * 1000`)
    .useValueForTime(true)
    .step('60s')
    .titleFormat('{{alertname}}')
    .textFormat('{{cluster}} {{job}} {{group}}')
    .tagKeys('severity');
}

/** While Finrst itself sees that connections of several peers broke at the same moment. */
export function runningIncidents(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Incident')
    .datasource({ ...PROMETHEUS })
    .enable(true)
    .iconColor(SEVERITY_COLOURS.critical)
    .expr(`${selector('finrst_incident_active', 'daemon')} > bool 0`)
    .step('60s')
    .titleFormat('Incident')
    .textFormat(`{{instance}}: what its peers share is on <a href=${PAGE}/incidents>/incidents</a>`)
    .tagKeys('job,instance');
}
