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

{{- define "finrst.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "finrst.selectorLabels" . }}
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
