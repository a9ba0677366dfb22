{{- define "tamer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "tamer.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "tamer.name" .) .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name (include "tamer.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "tamer.selector" -}}
app.kubernetes.io/name: {{ include "tamer.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tamer.labels" -}}
{{ include "tamer.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "tamer.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "tamer.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "tamer.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* What fits together and what does not, in words for whoever writes the values. */}}
{{- define "tamer.check" -}}
{{- if and (gt (int .Values.github.appId) 0) (not .Values.github.existingSecret) }}
{{- fail "github.existingSecret is missing: make a secret with the app's private key and webhook secret, and name it there" }}
{{- end }}
{{- if eq .Values.database.type "postgresql" }}
{{- if not .Values.database.existingSecret }}
{{- fail "database.existingSecret is missing: make a secret whose key \"url\" holds postgres://USER:PASSWORD@HOST:5432/DATABASE, and name it there" }}
{{- end }}
{{- if le (int .Values.github.appId) 0 }}
{{- fail "github.appId is missing: register the app with one tamer on SQLite first, or by hand as docs/install.md says" }}
{{- end }}
{{- if not (or .Values.sink.url .Values.settings.sinks) }}
{{- fail "sink.url is missing: several pods cannot share a directory; write a store that all of them reach, such as s3://BUCKET/{owner}/{repo}?region=REGION" }}
{{- end }}
{{- end }}
{{- if and .Values.sink.url .Values.settings.sinks }}
{{- fail "sink.url and settings.sinks are both set: move the first one into settings.sinks" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is missing: write the name that GitHub sends webhooks to, such as tamer.example.com" }}
{{- end }}
{{- end }}
