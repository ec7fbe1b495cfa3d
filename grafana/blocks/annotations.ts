import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { selector } from './selector.ts';
import { PROMETHEUS } from './variables.ts';

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

/** Restarts, reloads and refused reloads: the first suspects when everything drops at once. */
export function annotations(): AnnotationQueryBuilder[] {
  return [
    markAt('Finrst started', 'blue', 'process_start_time_seconds', '{{instance}}: every connection was made anew'),
    markAt(
      'Configuration loaded',
      'purple',
      'finrst_config_last_reload_success_timestamp_seconds',
      '{{instance}}: started with it or reloaded it',
    ),
    // `bool`: Grafana marks the values above 0. They follow each other step by step, so it draws a region.
    new AnnotationQueryBuilder()
      .name('Reload refused')
      .datasource({ ...PROMETHEUS })
      .enable(true)
      .iconColor('red')
      .expr(`${selector('finrst_config_last_reload_successful', 'daemon')} == bool 0`)
      .step('60s')
      .titleFormat('Reload refused')
      .textFormat('{{instance}} runs on the configuration before')
      .tagKeys('job,instance'),
  ];
}
