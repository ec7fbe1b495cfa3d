{{- define "finrst.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* At most 52 characters: a StatefulSet's name and an 11-character hash become a label value, which ends at 63. */}}
{{- define "finrst.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "finrst.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "finrst.selectorLabels" -}}
app.kubernetes.io/name: {{ include "finrst.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pods of the DaemonSet are none of the StatefulSet's: Service, PodDisruptionBudget and selectors must not find them. */}}
{{- define "finrst.observerSelectorLabels" -}}
app.kubernetes.io/name: {{ include "finrst.name" . }}-observer
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* A selector of all pods, or Services, of the release. */}}
{{- define "finrst.anySelector" -}}
{{- if .Values.observer.enabled -}}
matchLabels:
  app.kubernetes.io/instance: {{ .Release.Name }}
matchExpressions:
  - key: app.kubernetes.io/name
    operator: In
    values: [{{ include "finrst.name" . }}, {{ include "finrst.name" . }}-observer]
{{- else -}}
matchLabels:
  {{- include "finrst.selectorLabels" . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "finrst.labels" -}}
{{ include "finrst.selectorLabels" . }}
{{ include "finrst.ownLabels" . }}
{{- end }}

{{/* Labels of every object, without those that say which part of the release it is. */}}
{{- define "finrst.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ include "finrst.name" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "finrst.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "finrst.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "finrst.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry -}}
{{- $repository := ternary (printf "%s/%s" $registry .Values.image.repository) .Values.image.repository (ne $registry "") -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end }}

{{- define "finrst.pullSecrets" -}}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets }}
- name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* A volume for the journal must belong to the group of a user that is not root. */}}
{{- define "finrst.podSecurityContext" -}}
{{- $context := deepCopy .Values.podSecurityContext -}}
{{- if .Values.journal.enabled -}}
{{- $context = merge $context (dict "fsGroup" (default 65532 $context.runAsGroup) "fsGroupChangePolicy" "OnRootMismatch") -}}
{{- end -}}
{{ toYaml $context }}
{{- end }}

{{/* The text of finrst.yml. A map is written anew as YAML; a string is taken as it is. */}}
{{- define "finrst.config" -}}
{{- if kindIs "string" .Values.config -}}
{{ .Values.config }}
{{- else -}}
{{ toYaml .Values.config }}
{{- end -}}
{{- end }}

{{/*
What a probe asks, and its own values. Argument: [root, path, values]. The kubelet has no certificate to show: where the
web port requires one, that it takes connections is all that can be asked.
*/}}
{{- define "finrst.probe" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.web.clientCertificates -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ include "finrst.routePrefix" $root }}{{ index . 1 }}
  port: metrics
  scheme: {{ upper $root.Values.web.scheme }}
{{- end }}
{{ toYaml (index . 2) }}
{{- end }}

{{/* What both kinds of pods are started with; a list. */}}
{{- define "finrst.serveArgs" -}}
- serve
- --config.file=/etc/finrst/finrst.yml
- --config.auto-reload-interval={{ ternary .Values.configReload.interval "0s" (eq .Values.configReload.mode "watch") }}
- --web.listen-address=:{{ .Values.web.port }}
- --web.telemetry-path={{ .Values.web.telemetryPath }}
# Always said: without it the path of the external URL would become the prefix, and the probes would miss.
- --web.route-prefix={{ include "finrst.routePrefix" . | default "/" }}
{{- with .Values.web.externalUrl }}
- --web.external-url={{ . }}
{{- end }}
{{- if .Values.web.enableLifecycle }}
- --web.enable-lifecycle
{{- end }}
{{- if .Values.web.existingConfigSecret }}
- --web.config.file=/etc/finrst-web/{{ .Values.web.existingConfigSecretKey }}
{{- end }}
- --log.level={{ .Values.log.level }}
- --log.format={{ .Values.log.format }}
- --shutdown.timeout={{ .Values.shutdownTimeout }}
{{- end }}

{{/* Mounts of the configuration and of the web configuration. */}}
{{- define "finrst.configMounts" -}}
# The directory, never one file by subPath: only a directory shows a changed ConfigMap or Secret.
- name: config
  mountPath: /etc/finrst
  readOnly: true
{{- if .Values.web.existingConfigSecret }}
- name: web-config
  mountPath: /etc/finrst-web
  readOnly: true
{{- end }}
{{- end }}

{{/* The volumes of those mounts. Argument: [root, name of the ConfigMap or Secret that the chart makes]. */}}
{{- define "finrst.configVolumes" -}}
{{- $root := index . 0 -}}
{{- with $root.Values -}}
- name: config
  {{- if or .existingSecret.name .configInSecret }}
  secret:
    secretName: {{ default (index $ 1) .existingSecret.name }}
    items:
      - key: {{ ternary .existingSecret.key "finrst.yml" (ne .existingSecret.name "") }}
        path: finrst.yml
  {{- else }}
  configMap:
    name: {{ index $ 1 }}
  {{- end }}
{{- with .web.existingConfigSecret }}
- name: web-config
  secret:
    secretName: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The same with what a held connection needs. */}}
{{- define "finrst.allMounts" -}}
{{ include "finrst.configMounts" . }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "finrst.allVolumes" -}}
{{ include "finrst.configVolumes" . }}
{{- with (index . 0).Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a pod that runs one command and ends has in common with Finrst's own. */}}
{{- define "finrst.shortPod" -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with include "finrst.pullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Checks the mounted configuration, and the web configuration. */}}
{{- define "finrst.checkContainer" -}}
- name: check
  image: {{ include "finrst.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - check
    {{- with .Values.web.existingConfigSecret }}
    - --web.config.file=/etc/finrst-web/{{ $.Values.web.existingConfigSecretKey }}
    {{- end }}
    - /etc/finrst/finrst.yml
  volumeMounts:
    {{- include "finrst.allMounts" . | nindent 4 }}
  {{- include "finrst.limits" . | nindent 2 }}
{{- end }}

{{/* Resources and security of every container of ours. */}}
{{- define "finrst.limits" -}}
{{- with .Values.resources -}}
resources:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- with .Values.securityContext -}}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* `data:` or `stringData:` with finrst.yml. */}}
{{- define "finrst.configObject" -}}
{{- if .Values.configInSecret -}}
type: Opaque
stringData:
{{- else -}}
data:
{{- end }}
  finrst.yml: |
    {{- include "finrst.config" . | nindent 4 }}
{{- end }}

{{- define "finrst.routePrefix" -}}
{{- with .Values.web.routePrefix | trimAll "/" }}/{{ . }}{{ end -}}
{{- end }}

{{/* Ports that an inline map names for static targets and for tracing, as a JSON list without doubles. */}}
{{- define "finrst.egressPorts" -}}
{{- $ports := list -}}
{{- if and (kindIs "map" .Values.config) (not .Values.existingSecret.name) -}}
{{- range .Values.config.groups -}}
{{- range .static_configs -}}
{{- range .targets -}}
{{- with regexFind "[0-9]+$" (toString .) }}{{ $ports = append $ports (int .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with (default dict .Values.config.tracing).endpoint -}}
{{- $url := urlParse . -}}
{{- $ports = append $ports (default (ternary 443 80 (eq $url.scheme "https")) (regexFind ":[0-9]+$" $url.host | trimPrefix ":") | int) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | sortAlpha | toJson -}}
{{- end }}

{{/* What a ServiceMonitor's endpoint and a PodMonitor's endpoint have in common. Argument: [root, values of the monitor]. */}}
{{- define "finrst.endpoint" -}}
{{- $root := index . 0 -}}
{{- $monitor := index . 1 -}}
port: metrics
path: {{ include "finrst.routePrefix" $root }}{{ $root.Values.web.telemetryPath }}
scheme: {{ $root.Values.web.scheme }}
honorLabels: {{ $monitor.honorLabels }}
{{- with $monitor.interval }}
interval: {{ . }}
{{- end }}
{{- with $monitor.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with $monitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $monitor.basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $monitor.relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $monitor.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
